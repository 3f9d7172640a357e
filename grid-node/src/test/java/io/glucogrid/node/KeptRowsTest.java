package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.cluster.RowStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptRowsTest {
    private static final String LAYOUT = "glucogrid 1, backups 1";

    @TempDir
    private Path node;

    private Path directory;

    @BeforeEach
    void place() {
        directory = node.resolve(RowStore.DIRECTORY);
    }

    private KeptRows open(String layout, String boot) {
        return KeptRows.open(node, "n", layout, boot);
    }

    private KeptRows whole() throws IOException {
        KeptRows rows = open(LAYOUT, "boot");
        String members = "m~1," + rows.id();
        Files.writeString(directory.resolve(RowStore.MEMBERS_FILE), members);
        Files.writeString(directory.resolve(RowStore.WHOLE_FILE), RowStore.whole(7, members));
        return rows;
    }

    @Test
    void aWholeStoreIsUsedAgainUnderItsName() throws IOException {
        KeptRows before = whole();
        KeptRows after = open(LAYOUT, "boot");

        assertThat(before.isKept()).isFalse();
        assertThat(after.isKept()).isTrue();
        assertThat(after.attributes())
                .containsEntry(RowStore.ID, before.id())
                .containsEntry(RowStore.MEMBERS, "m~1," + before.id())
                .containsEntry(RowStore.VERSION, "7");
    }

    @Test
    void whatMayNotBeUsedIsRemovedAndTheNextStoreHasAnotherName() throws IOException {
        KeptRows before = whole();
        assertEmptied(before, LAYOUT, "another boot");
        assertEmptied(whole(), "glucogrid 2, backups 1", "boot");
        KeptRows unopened = whole();
        unopened.opening();
        assertEmptied(unopened, LAYOUT, "boot");
        KeptRows doubted = whole();
        Files.delete(directory.resolve(RowStore.WHOLE_FILE));
        assertEmptied(doubted, LAYOUT, "boot");
        KeptRows changed = whole();
        Files.writeString(directory.resolve(RowStore.MEMBERS_FILE), changed.id());
        assertEmptied(changed, LAYOUT, "boot");
    }

    private void assertEmptied(KeptRows before, String layout, String boot) throws IOException {
        Files.writeString(Files.createDirectories(directory.resolve("db")).resolve("page"), "row");
        KeptRows after = open(layout, boot);

        assertThat(after.isKept()).isFalse();
        assertThat(after.id()).isNotEqualTo(before.id()).startsWith("n~");
        assertThat(directory.resolve("db")).doesNotExist();
        after.remove();
    }
}

package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeSlotTest {
    @TempDir
    private Path workDir;

    @Test
    void eachNodeGetsTheLowestFreeNumber() {
        NodeSlot first = NodeSlot.claim(workDir, null, Set.of());
        try (NodeSlot second = NodeSlot.claim(workDir, null, Set.of())) {
            assertThat(first.name()).endsWith("-1");
            assertThat(second.name()).endsWith("-2");
            first.close();
            try (NodeSlot again = NodeSlot.claim(workDir, null, Set.of())) {
                assertThat(again.name()).isEqualTo(first.name());
                assertThat(again.directory()).isDirectory().isNotEqualTo(second.directory());
            }
        }
    }

    @Test
    void aNameThatANodeWithAnotherWorkDirectoryHasIsPassedOver() {
        try (NodeSlot elsewhere = NodeSlot.claim(workDir.resolve("a"), null, Set.of());
                NodeSlot here = NodeSlot.claim(workDir.resolve("b"), null, Set.of(elsewhere.name()))) {
            assertThat(here.name()).endsWith("-2");
        }
    }

    @Test
    void aWorkDirectoryThatIsAFileIsAClearError() throws IOException {
        Path file = Files.writeString(workDir.resolve("file"), "x");

        assertThatThrownBy(() -> NodeSlot.claim(file, null, Set.of()))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("(GRID_WORK_DIR) cannot be written")
                .hasMessageContaining("file");
    }

    @Test
    void aTierThatCannotBeMadeIsAClearError() throws IOException {
        Path file = Files.writeString(workDir.resolve("file"), "x");

        assertThatThrownBy(() -> Writable.tier(file.resolve("tier").toUri()))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("(GRID_OFFLINE_URI) cannot be written");
    }
}

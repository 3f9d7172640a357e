package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.MetaStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("tier")
class MetaDocumentsTest {
    @TempDir
    private Path folder;

    @Test
    void theNewestVersionIsFoundByNumber() {
        MetaStore meta = new MetaDocuments(TestTier.open(folder));
        assertThat(meta.latest("registry")).isNull();
        meta.publish("registry", 9, "{\"v\":9}");
        meta.publish("registry", 10, "{\"v\":10}");
        meta.publish("registry/other", 11, "{}");

        assertThat(meta.latest("registry")).isEqualTo(new MetaStore.Document(10, "{\"v\":10}"));
        assertThat(meta.read("registry", 9)).isEqualTo(new MetaStore.Document(9, "{\"v\":9}"));
        assertThat(meta.read("registry", 8)).isNull();
    }

    @Test
    void aVersionIsWrittenOnceAndTheSameTextAgainIsFine() {
        MetaStore meta = new MetaDocuments(TestTier.open(folder));
        meta.publish("models/v1", 1, "a");
        meta.publish("models/v1", 1, "a");

        assertThatThrownBy(() -> meta.publish("models/v1", 1, "b"))
                .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                        .isEqualTo(ErrorCode.CONFLICT));
        assertThat(TestTier.files(folder)).hasSize(1);
    }

    @Test
    void aVersionThatIsRemovedIsGoneAndTheOthersStay() {
        MetaStore meta = new MetaDocuments(TestTier.open(folder));
        for (int version = 1; version <= 3; version++) {
            meta.publish("models/v1", version, "text " + version);
        }

        meta.remove("models/v1", 2);
        meta.remove("models/v1", 2);
        meta.remove("models/v7", 1);

        assertThat(meta.read("models/v1", 2)).isNull();
        assertThat(meta.latest("models/v1").text()).isEqualTo("text 3");
        meta.remove("models/v1", 3);
        assertThat(meta.latest("models/v1").text()).isEqualTo("text 1");
        meta.remove("models/v1", 1);
        assertThat(meta.latest("models/v1")).isNull();
    }

    @Test
    void theNewestVersionIsFoundWhileOlderOnesGo() throws Exception {
        MetaStore meta = new MetaDocuments(TestTier.open(folder));
        meta.publish("points", 1, "1");
        Thread writer = new Thread(() -> {
            for (int version = 2; version <= 300; version++) {
                meta.publish("points", version, Integer.toString(version));
                meta.remove("points", version - 2);
            }
        });
        writer.start();
        long last = 0;
        while (writer.isAlive()) {
            long seen = meta.latest("points").version();
            assertThat(seen).isGreaterThanOrEqualTo(last);
            last = seen;
        }
        writer.join();
        assertThat(meta.latest("points").text()).isEqualTo("300");
    }

    @Test
    void ofManyWritersOfOneVersionExactlyOneWins() throws Exception {
        MetaStore meta = new MetaDocuments(TestTier.open(folder));
        ExecutorService writers = Executors.newFixedThreadPool(8);
        List<Future<?>> results = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String text = "writer " + i;
            results.add(writers.submit(() -> meta.publish("active", 1, text)));
        }
        writers.shutdown();
        assertThat(writers.awaitTermination(20, TimeUnit.SECONDS)).isTrue();

        assertThat(results.stream().filter(MetaDocumentsTest::succeeded)).hasSize(1);
        assertThat(meta.latest("active").text()).startsWith("writer ");
    }

    private static boolean succeeded(Future<?> result) {
        try {
            result.get(1, TimeUnit.SECONDS);
            return true;
        } catch (Exception conflict) {
            return false;
        }
    }

    @Test
    void aKindCannotLeaveItsFolder() {
        MetaStore meta = new MetaDocuments(TestTier.open(folder));
        assertThatThrownBy(() -> meta.publish("../readings", 1, "a")).isInstanceOf(GridException.class);
        assertThatThrownBy(() -> meta.latest("")).isInstanceOf(GridException.class);
    }
}

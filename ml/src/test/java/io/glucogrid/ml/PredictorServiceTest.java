package io.glucogrid.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.glucogrid.grid.Caches;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.model.LinearModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictorServiceTest {
    @TempDir
    static Path work;

    private static TestGrid grid;

    @BeforeAll
    static void startGrid() {
        grid = TestGrid.start(3, new FakeTier(), work).ready();
    }

    @AfterAll
    static void stopGrid() {
        grid.close();
    }

    @Test
    void everyNodeServesTheShippedModel() {
        for (int i = 0; i < 3; i++) {
            assertThat(grid.predictor(i).model("v1@1").intercept()).isEqualTo(103.44523644395339);
            assertThat(grid.predictor(i).models()).extracting(LinearModel::id).contains("v1@1");
        }
    }

    @Test
    void whatDoesNotExistIsNotFoundAndTheNearestNameIsNamed() {
        refused(() -> grid.predictor(0).model("v1@99"), ErrorCode.NOT_FOUND, "did you mean 'v1@");
        refused(() -> grid.predictor(1).model("w"), ErrorCode.NOT_FOUND, "model 'w' does not exist");
        refused(() -> grid.predictor(2).activate("v1@99"), ErrorCode.NOT_FOUND, "v1@99");
    }

    @Test
    void anActivatedModelIsServedByEveryNodeWhenActivateReturns() {
        for (int round = 0; round < 20; round++) {
            LinearModel stored = store("turns", round);
            for (int i = 0; i < 3; i++) {
                assertThat(grid.predictor(i).model(stored.id()).intercept()).isEqualTo(round);
            }
            grid.predictor(round % 3).activate(stored.id());
            for (int i = 0; i < 3; i++) {
                assertThat(grid.predictor(i).model("turns").id()).isEqualTo(stored.id());
            }
        }
        assertThat(grid.tier().latest("active-models").text()).contains("\"turns\":\"turns@20\"");
        assertThat(grid.tier().latest("models/turns").version()).isEqualTo(20);
    }

    @Test
    void aChangeOfTheCachesReachesEveryNode() {
        LinearModel model = new LinearModel("direct", 1, List.of("hour"), 7, new double[] {1}, 0, 0, Map.of());
        Caches.MODELS.in(grid.node(2)).put(model.id(), ModelJson.write(model));
        Caches.ACTIVE_MODELS.in(grid.node(1)).put("direct", model.id());

        await().atMost(Duration.ofSeconds(10)).ignoreExceptions().untilAsserted(() -> {
            for (int i = 0; i < 3; i++) {
                assertThat(grid.predictor(i).model("direct").intercept()).isEqualTo(7);
            }
        });
    }

    @Test
    void concurrentStoresTakeDifferentVersions() throws Exception {
        Thread[] threads = new Thread[6];
        for (int i = 0; i < threads.length; i++) {
            int number = i;
            threads[i] = new Thread(() -> registry(number % 3).storeNext(model("crowd", number), deadline()));
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join(20_000);
        }

        List<LinearModel> stored = grid.predictor(0).models().stream()
                .filter(model -> model.name().equals("crowd"))
                .toList();
        assertThat(stored).extracting(LinearModel::version).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(stored).extracting(LinearModel::intercept).containsExactlyInAnyOrder(0.0, 1.0, 2.0, 3.0, 4.0, 5.0);
    }

    @Test
    void concurrentActivationsLeaveTheSameInTheCacheAndInTheTier() throws Exception {
        for (int i = 0; i < 4; i++) {
            store("race", i);
        }
        for (int round = 0; round < 5; round++) {
            Thread[] threads = new Thread[4];
            for (int i = 0; i < threads.length; i++) {
                String id = "race@" + (i + 1);
                int node = i % 3;
                threads[i] = new Thread(() -> grid.predictor(node).activate(id));
                threads[i].start();
            }
            for (Thread thread : threads) {
                thread.join(20_000);
            }
            String active = Caches.ACTIVE_MODELS.in(grid.node(0)).get("race");
            assertThat(grid.tier().latest("active-models").text()).contains("\"race\":\"" + active + "\"");
            for (int i = 0; i < 3; i++) {
                assertThat(grid.predictor(i).model("race").id()).isEqualTo(active);
            }
        }
    }

    @Test
    void aNodeThatJoinsServesWhatIsActive() {
        LinearModel stored = store("joined", 1);
        grid.predictor(0).activate(stored.id());

        int joined = grid.startNode();

        try {
            assertThat(grid.predictor(joined).model("joined").id()).isEqualTo(stored.id());
            assertThat(grid.predictor(joined).models())
                    .hasSameSizeAs(grid.predictor(0).models());
        } finally {
            grid.stopNode(joined);
        }
    }

    @Test
    void aColdStartServesWhatWasActiveAndNothingElse(@TempDir Path first, @TempDir Path second) {
        FakeTier tier = new FakeTier();
        try (TestGrid before = TestGrid.start(1, tier, first).ready()) {
            ModelRegistry registry = ((PredictorService) before.predictor(0)).registry();
            await().atMost(Duration.ofSeconds(10))
                    .ignoreExceptions()
                    .until(() -> registry.storeNext(model("v1", 1), deadline()).version() == 2);
            registry.storeNext(model("v1", 2), deadline());
            before.predictor(0).activate("v1@2");
        }
        tier.metaReachable = false;
        try (TestGrid after = TestGrid.start(1, tier, second)) {
            assertThat(after.predictor(0).model("v1@1").version()).isEqualTo(1);
            refused(() -> after.predictor(0).model("v1"), ErrorCode.NOT_READY, "not restored");
            refused(() -> after.predictor(0).activate("v1@1"), ErrorCode.NOT_READY, "not restored");

            tier.metaReachable = true;

            await().atMost(Duration.ofSeconds(15))
                    .ignoreExceptionsMatching(failure ->
                            failure instanceof GridException refusal && refusal.code() == ErrorCode.NOT_READY)
                    .untilAsserted(() ->
                            assertThat(after.predictor(0).model("v1").id()).isEqualTo("v1@2"));
            assertThat(after.predictor(0).models()).extracting(LinearModel::id).containsExactly("v1@1", "v1@2", "v1@3");
        }
    }

    private static LinearModel store(String name, double intercept) {
        return registry(0).storeNext(model(name, intercept), deadline());
    }

    private static LinearModel model(String name, double intercept) {
        return new LinearModel(name, 1, List.of("hour"), intercept, new double[] {1}, 0, 0, Map.of());
    }

    private static ModelRegistry registry(int node) {
        return ((PredictorService) grid.predictor(node)).registry();
    }

    private static Deadline deadline() {
        return Deadline.in(Duration.ofSeconds(20));
    }

    private static void refused(ThrowingCallable call, ErrorCode code, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                        .isEqualTo(code))
                .hasMessageContaining(message);
    }
}

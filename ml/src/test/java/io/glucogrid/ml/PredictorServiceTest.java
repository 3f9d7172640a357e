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
        assertThat(grid.tier().latest("active-models").text()).contains("\"turns\":\"turns@20 turns@19 ");
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
                assertThat(grid.predictor(i).model("race").id())
                        .isEqualTo(Trail.parse(active).id());
            }
        }
    }

    @Test
    void rollbacksGoFurtherAndFurtherBack() {
        for (int version = 1; version <= 3; version++) {
            grid.predictor(0).activate(store("steps", version).id());
        }

        assertThat(rolledBack(1, "steps")).isEqualTo("steps@2");
        assertThat(rolledBack(2, "steps")).isEqualTo("steps@1");
        refused(() -> rolledBack(0, "steps"), ErrorCode.NOT_FOUND, "no other version of 'steps' was active");
        for (int i = 0; i < 3; i++) {
            assertThat(grid.predictor(i).model("steps").id()).isEqualTo("steps@1");
        }
        grid.predictor(0).activate("steps@3");
        assertThat(rolledBack(0, "steps")).isEqualTo("steps@1");
    }

    @Test
    void aRollbackWhosePreparationFailsMovesNothing() {
        grid.predictor(0).activate(store("kept", 1).id());
        grid.predictor(0).activate(store("kept", 2).id());

        refused(
                () -> registry(1)
                        .rollback(
                                "kept",
                                model -> {
                                    throw new GridException(ErrorCode.STORAGE_UNAVAILABLE, model.id());
                                },
                                deadline()),
                ErrorCode.STORAGE_UNAVAILABLE,
                "kept@1");

        assertThat(grid.predictor(2).model("kept").id()).isEqualTo("kept@2");
        assertThat(rolledBack(0, "kept")).isEqualTo("kept@1");
    }

    @Test
    void concurrentRollbacksAreAsManySteps() throws Exception {
        for (int version = 1; version <= 8; version++) {
            grid.predictor(0).activate(store("stairs", version).id());
        }
        Thread[] threads = new Thread[6];
        for (int i = 0; i < threads.length; i++) {
            int node = i % 3;
            threads[i] = new Thread(() -> rolledBack(node, "stairs"));
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join(20_000);
        }

        for (int i = 0; i < 3; i++) {
            assertThat(grid.predictor(i).model("stairs").id()).isEqualTo("stairs@2");
        }
        assertThat(grid.tier().latest("active-models").text()).contains("\"stairs\":\"stairs@2 stairs@1\"");
    }

    @Test
    void aRemovedVersionIsGoneFromNodesAndTierAndItsNumberStaysTaken(@TempDir Path path) {
        FakeTier tier = new FakeTier();
        try (TestGrid before = TestGrid.start(1, tier, path.resolve("before")).ready()) {
            ModelRegistry registry = ((PredictorService) before.predictor(0)).registry();
            await().atMost(Duration.ofSeconds(10)).until(registry::isRestored);
            for (int version = 1; version <= 3; version++) {
                registry.storeNext(model("v1", version), deadline());
            }
            before.predictor(0).activate("v1@2");

            refused(() -> registry.remove("v1@2", model -> {}, deadline()), ErrorCode.CONFLICT, "is active");
            refused(() -> registry.remove("v1@1", model -> {}, deadline()), ErrorCode.CONFLICT, "ships");
            refused(() -> registry.remove("v1", model -> {}, deadline()), ErrorCode.INVALID_REQUEST, "name@version");
            assertThat(registry.remove("v1@4", model -> {}, deadline()).id()).isEqualTo("v1@4");
            refused(() -> registry.remove("v1@4", model -> {}, deadline()), ErrorCode.NOT_FOUND, "v1@4");
            assertThat(tier.read("models/v1", 4)).isNull();
        }
        try (TestGrid after = TestGrid.start(1, tier, path.resolve("after")).ready()) {
            assertThat(after.predictor(0).models()).extracting(LinearModel::id).containsExactly("v1@1", "v1@2", "v1@3");
            assertThat(((PredictorService) after.predictor(0)).registry().storeNext(model("v1", 9), deadline()))
                    .extracting(LinearModel::id)
                    .isEqualTo("v1@5");
        }
    }

    @Test
    void ofAVersionThatIsActivatedAndRemovedAtOnceNothingIsLeftDangling() throws Exception {
        grid.predictor(0).activate(store("torn", 0).id());
        for (int round = 0; round < 10; round++) {
            String id = store("torn", round).id();
            Thread activation = new Thread(() -> quietly(() -> grid.predictor(1).activate(id)));
            Thread removal = new Thread(() -> quietly(() -> registry(2).remove(id, model -> {}, deadline())));
            activation.start();
            removal.start();
            activation.join(20_000);
            removal.join(20_000);

            String active = Trail.parse(Caches.ACTIVE_MODELS.in(grid.node(0)).get("torn"))
                    .id();
            for (int i = 0; i < 3; i++) {
                assertThat(grid.predictor(i).model("torn").id()).isEqualTo(active);
            }
            assertThat(grid.tier().read("models/torn", Integer.parseInt(active.substring(5))))
                    .isNotNull();
            assertThat(grid.tier().latest("active-models").text()).contains("\"torn\":\"" + active);
        }
    }

    @Test
    void aMoveAndItsWayBackAtOnceLeaveInTheTierWhatTheCacheSays() {
        grid.predictor(0).activate(store("loop", 1).id());
        String second = store("loop", 2).id();
        beforeTheNextPublicationOf("active-models", () -> rolledBack(1, "loop"));

        grid.predictor(0).activate(second);

        assertThat(Caches.ACTIVE_MODELS.in(grid.node(2)).get("loop")).isEqualTo("loop@1");
        assertThat(grid.tier().latest("active-models").text()).contains("\"loop\":\"loop@1\"");
    }

    @Test
    void aVersionGoesFromTheTierOnlyAfterItsPointersDid() {
        grid.predictor(0).activate(store("late", 1).id());
        String second = store("late", 2).id();
        beforeTheNextPublicationOf("active-models", () -> {
            throw new GridException(ErrorCode.STORAGE_UNAVAILABLE, "the disk is gone");
        });
        refused(() -> grid.predictor(0).activate(second), ErrorCode.STORAGE_UNAVAILABLE, "the disk is gone");
        assertThat(grid.tier().latest("active-models").text()).contains("\"late\":\"late@1\"");

        registry(1).remove("late@1", model -> {}, deadline());

        assertThat(grid.tier().latest("active-models").text()).contains("\"late\":\"late@2 ");
    }

    @Test
    void aRemovalThatFailsCanBeRepeated() {
        String id = store("stuck", 1).id();
        grid.tier().beforeRemove = kind -> {
            throw new GridException(ErrorCode.STORAGE_UNAVAILABLE, "the disk is gone");
        };
        try {
            refused(
                    () -> registry(0).remove(id, model -> {}, deadline()),
                    ErrorCode.STORAGE_UNAVAILABLE,
                    "the disk is gone");
        } finally {
            grid.tier().beforeRemove = kind -> {};
        }

        assertThat(registry(1).remove(id, model -> {}, deadline()).id()).isEqualTo(id);

        assertThat(grid.tier().read("models/stuck", 1)).isNull();
        refused(() -> grid.predictor(2).model(id), ErrorCode.NOT_FOUND, id);
    }

    @Test
    void aStepBackPassesOverWhatIsGoneToo() {
        for (int version = 1; version <= 3; version++) {
            grid.predictor(0).activate(store("back", version).id());
        }

        refused(
                () -> registry(0)
                        .rollback(
                                "back",
                                model -> { // as if all that is newer were removed at this moment
                                    Caches.MODELS.in(grid.node(1)).remove("back@2");
                                    Caches.MODELS.in(grid.node(1)).remove("back@3");
                                },
                                deadline()),
                ErrorCode.NOT_FOUND,
                "back@2");

        for (int i = 0; i < 3; i++) {
            assertThat(grid.predictor(i).model("back").id()).isEqualTo("back@1");
        }
        assertThat(grid.tier().latest("active-models").text()).contains("\"back\":\"back@1\"");
    }

    @Test
    void oldVersionsGoButThoseThatAreNeeded() {
        for (int version = 1; version <= 6; version++) {
            store("many", version);
        }
        grid.predictor(0).activate("many@2");
        grid.predictor(0).activate("many@1");

        List<StoredModel> removed = new ModelRemoval(grid.node(0), registry(0), new PersonalModels(grid.node(0)))
                .retain("many", 2, deadline());

        assertThat(removed).extracting(StoredModel::id).containsExactly("many@3", "many@4");
        assertThat(grid.predictor(2).models())
                .extracting(LinearModel::id)
                .contains("many@1", "many@2", "many@5", "many@6")
                .doesNotContain("many@3", "many@4");
        assertThat(rolledBack(1, "many")).isEqualTo("many@2");
    }

    @Test
    void aLinearModelCannotTakeTheNameOfAForecaster() {
        refused(() -> store("v3", 1), ErrorCode.INVALID_REQUEST, "kind of forecaster");
    }

    @Test
    void aNodeThatJoinsServesWhatIsActive() {
        LinearModel stored = store("joined", 1);
        grid.predictor(0).activate(stored.id());
        LinearModel removed = store("joined", 2);
        Caches.MODELS.in(grid.node(1)).remove(removed.id()); // and its document goes next

        int joined = grid.startNode();

        try {
            await().atMost(Duration.ofSeconds(10)).until(() -> registry(joined).isRestored());
            assertThat(Caches.MODELS.in(grid.node(0)).containsKey(removed.id())).isFalse();
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

    @Test
    void whatIsLostOrDamagedInTheTierHoldsUpNothingElse(@TempDir Path path) {
        FakeTier tier = new FakeTier();
        for (int version : new int[] {1, 3}) {
            tier.publish("models/hurt", version, ModelJson.write(numbered("hurt", version)));
        }
        tier.publish("models/v1", 2, ModelJson.write(numbered("v1", 2)));
        tier.publish("models/v3", 1, "{ cut o");
        tier.publish(
                "active-models",
                1,
                ModelJson.writeNames(Map.of(
                        "shadow:",
                        "v4@7",
                        "hurt",
                        "hurt@2 hurt@1",
                        "lost",
                        "lost@1",
                        "v1",
                        "v1@2 v1@1",
                        "v3",
                        "v3@1")));

        try (TestGrid after = TestGrid.start(1, tier, path).ready()) {
            ModelRegistry registry = ((PredictorService) after.predictor(0)).registry();
            await().atMost(Duration.ofSeconds(10)).until(registry::isRestored);
            assertThat(after.predictor(0).model("v1").id()).isEqualTo("v1@2");
            assertThat(after.predictor(0).model("hurt").id()).isEqualTo("hurt@1");
            refused(() -> after.predictor(0).model("lost"), ErrorCode.NOT_FOUND, "lost");
            refused(() -> after.predictor(0).model("v3"), ErrorCode.NOT_FOUND, "v3");
            assertThat(registry.shadow()).isNull();
            assertThat(registry.storeNext(model("v1", 1), deadline()).id()).isEqualTo("v1@3");
            assertThat(registry.remove("hurt@3", model -> {}, deadline()).id()).isEqualTo("hurt@3");
        }
    }

    /** Runs something once, before the next document of a kind is published. */
    private static void beforeTheNextPublicationOf(String kind, Runnable step) {
        grid.tier().beforePublish = published -> {
            if (published.equals(kind)) {
                grid.tier().beforePublish = any -> {};
                step.run();
            }
        };
    }

    private static String rolledBack(int node, String name) {
        return registry(node).rollback(name, model -> {}, deadline()).id();
    }

    /** One of the two is refused; which one is what the test does not know. */
    private static void quietly(Runnable step) {
        try {
            step.run();
        } catch (GridException refused) {
            assertThat(refused.code()).isIn(ErrorCode.CONFLICT, ErrorCode.NOT_FOUND);
        }
    }

    private static LinearModel store(String name, double intercept) {
        return registry(0).storeNext(model(name, intercept), deadline());
    }

    private static LinearModel model(String name, double intercept) {
        return new LinearModel(name, 1, List.of("hour"), intercept, new double[] {1}, 0, 0, Map.of());
    }

    private static LinearModel numbered(String name, int version) {
        return new LinearModel(name, version, List.of("hour"), 0, new double[] {1}, 0, 0, Map.of());
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

package io.glucogrid.node;

import static io.glucogrid.node.Activation.Step.BEGIN;
import static io.glucogrid.node.Activation.Step.START_EMPTY;
import static io.glucogrid.node.Activation.Step.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.node.Activation.Server;
import io.glucogrid.node.Activation.Step;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Three nodes a, b and c; a store is named by its node and a number. */
class ActivationTest {
    private static final Set<String> ALL = Set.of("a~1", "b~1", "c~1");
    private static final Set<String> TWO = Set.of("b~1", "c~1");

    private static Server kept(String id, Set<String> members) {
        return new Server(id.substring(0, 1), id, members);
    }

    private static Server empty(String id) {
        return kept(id, Set.of());
    }

    private static Step step(String own, boolean isLong, boolean isFormer, Server... servers) {
        return Activation.step(own, List.of(servers), servers.length >= 3, servers.length >= 2, isLong, isFormer);
    }

    @Test
    void storesThatNameEachOtherBegin() {
        assertThat(step("a~1", false, true, kept("a~1", ALL), kept("b~1", ALL), kept("c~1", ALL)))
                .isEqualTo(BEGIN);
        assertThat(step("a~2", false, true, empty("a~2"), kept("b~1", TWO), kept("c~1", TWO)))
                .isEqualTo(BEGIN);
    }

    @Test
    void aStoreThatDiedBeforeTheOthersIsEmptiedAndTheyWaitForThat() {
        Server[] servers = {kept("a~1", ALL), kept("b~1", TWO), kept("c~1", TWO)};

        assertThat(step("a~1", false, true, servers)).isEqualTo(START_EMPTY);
        assertThat(step("b~1", false, true, servers)).isEqualTo(WAIT);
    }

    @Test
    void whoeverMayHaveTheNewestRowsIsWaitedForButNotForEver() {
        Server[] servers = {kept("a~1", ALL), kept("b~1", ALL)};

        assertThat(step("a~1", false, true, servers)).isEqualTo(WAIT);
        assertThat(step("a~1", true, true, servers)).isEqualTo(START_EMPTY);
        assertThat(step("a~1", true, true, kept("a~1", ALL))).as("no majority").isEqualTo(WAIT);
    }

    @Test
    void nobodyWaitsForAStoreWhoseNodeHasAnotherOne() {
        Server[] servers = {kept("a~1", ALL), kept("b~1", ALL), empty("c~2")};

        assertThat(step("a~1", false, true, servers)).isEqualTo(START_EMPTY);
        assertThat(step("c~2", false, true, servers)).isEqualTo(START_EMPTY);
    }

    @Test
    void storesThatTellDifferentStoriesAreAllEmptied() {
        Server[] servers = {kept("a~1", ALL), kept("b~1", TWO), kept("c~1", ALL)};

        for (Server server : servers) {
            assertThat(step(server.id(), false, true, servers)).isEqualTo(START_EMPTY);
        }
    }

    @Test
    void aFirstGridBeginsWithAllNodesOrAfterAWhileWithAMajority() {
        assertThat(step("a~1", false, false, empty("a~1"), empty("b~1"), empty("c~1")))
                .isEqualTo(BEGIN);
        assertThat(step("a~1", false, false, empty("a~1"), empty("b~1"))).isEqualTo(WAIT);
        assertThat(step("a~1", true, false, empty("a~1"), empty("b~1"))).isEqualTo(BEGIN);
        assertThat(step("a~1", true, false, empty("a~1"))).isEqualTo(WAIT);
    }

    @Test
    void emptyStoresLeaveAGridOfOthersBehind() {
        assertThat(step("a~2", false, true, empty("a~2"), empty("b~2"), empty("c~2")))
                .isEqualTo(START_EMPTY);
    }
}

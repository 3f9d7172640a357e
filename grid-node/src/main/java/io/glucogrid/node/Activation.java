package io.glucogrid.node;

import io.glucogrid.cluster.Majority;
import io.glucogrid.cluster.RowStore;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteException;
import org.apache.ignite.ShutdownPolicy;
import org.apache.ignite.cluster.BaselineNode;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.cluster.ClusterState;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a grid that keeps rows on disk begins: Ignite starts no cache and no service of it before somebody says so.
 *
 * <p>Nodes wait for each other, with no limit. The oldest one begins as soon as stores are there whose notes name exactly each other;
 * stores of others are emptied then, by their own nodes. Where nobody has rows, it begins with the configured number of nodes, or
 * with a majority of them once no node has joined for a while. Where there are rows, and it is certain that those which belong to
 * them do not come, or a majority has waited for them for long, all nodes start again with empty stores: at the same time, as
 * what they decide by is the same for all.
 *
 * <p>Later the oldest node of a majority gives rows to those that join, at once, and takes them from those that have been away for
 * some seconds: Ignite's baseline follows the nodes as it does without persistence, only not so fast that nodes that are killed
 * together would tell different stories.
 */
final class Activation {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration PATIENCE_WITHOUT_ROWS = Duration.ofSeconds(10);
    private static final Duration AWAY = Duration.ofSeconds(10);
    private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LOOK_MILLIS = 100;
    private static final int LOOKS_PER_QUESTION = 5;
    private static final long TOLD_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final Logger LOG = LoggerFactory.getLogger(Activation.class);

    private final Ignite ignite;
    private final KeptRowsGuard guard;
    private final Majority majority;

    Activation(Ignite ignite, KeptRowsGuard guard) {
        this.ignite = ignite;
        this.guard = guard;
        this.majority = new Majority(ignite);
    }

    /**
     * A server that is there.
     *
     * @param name of the node
     * @param id of its store
     * @param members stores that its own belongs together with; empty for an empty store
     */
    record Server(String name, String id, Set<String> members) {
        static Server of(ClusterNode node) {
            String members = String.valueOf(node.<@Nullable Object>attribute(RowStore.MEMBERS));
            return new Server(
                    RowStore.nodeName(node),
                    String.valueOf(node.<@Nullable Object>attribute(RowStore.ID)),
                    members.isEmpty() ? Set.of() : Set.of(members.split(",", -1)));
        }

        boolean isKept() {
            return !members.isEmpty();
        }
    }

    /** What a node does. */
    enum Step {
        WAIT,
        /** If it is the oldest. */
        BEGIN,
        START_EMPTY
    }

    /**
     * What a node does now.
     *
     * @param own its store
     * @param servers all that are there
     * @param isComplete whether as many are there as are configured
     * @param isMajority whether a majority of them is, or was since a node joined
     * @param isLong whether no node has joined for long
     * @param isFormer whether there was a grid of these stores, or of others that were here
     */
    static Step step(
            String own,
            Collection<Server> servers,
            boolean isComplete,
            boolean isMajority,
            boolean isLong,
            boolean isFormer) {
        List<Server> kept = servers.stream().filter(Server::isKept).toList();
        Set<String> together = together(kept);
        if (!together.isEmpty()) {
            if (kept.stream().anyMatch(server -> server.id().equals(own)) && !together.contains(own)) {
                return Step.START_EMPTY;
            }
            return kept.size() == together.size() ? Step.BEGIN : Step.WAIT;
        }
        if (kept.isEmpty()) {
            if (isFormer) {
                return Step.START_EMPTY;
            }
            return isComplete || (isMajority && isLong) ? Step.BEGIN : Step.WAIT;
        }
        return isHopeless(servers, kept) || (isMajority && isLong) ? Step.START_EMPTY : Step.WAIT;
    }

    /** Stores that are there and name exactly each other; empty where there are none. */
    private static Set<String> together(List<Server> kept) {
        for (Server candidate : kept) {
            Set<String> agreeing = kept.stream()
                    .filter(server -> server.members().equals(candidate.members()))
                    .map(Server::id)
                    .collect(Collectors.toSet());
            if (agreeing.equals(candidate.members())) {
                return agreeing;
            }
        }
        return Set.of();
    }

    /** Whether each store that anybody waits for is there, or its node is, with another one. */
    private static boolean isHopeless(Collection<Server> servers, List<Server> kept) {
        Set<String> ids = kept.stream().map(Server::id).collect(Collectors.toSet());
        Set<String> names = servers.stream().map(Server::name).collect(Collectors.toSet());
        return kept.stream()
                .flatMap(server -> server.members().stream())
                .allMatch(member -> ids.contains(member)
                        || (member.contains("~") && names.contains(member.substring(0, member.lastIndexOf('~')))));
    }

    /**
     * Returns BEGIN when the grid has begun, START_EMPTY where this node has to start again with an empty store, and WAIT where it
     * has to start again as it is, since it came up apart from others.
     *
     * @throws GridException INVALID_CONFIG where other nodes keep no rows
     */
    Step await() throws InterruptedException {
        Whole whole = new Whole(ignite);
        int looks = 0;
        long toldNanos = System.nanoTime();
        long joinedNanos = System.nanoTime();
        long emptySinceNanos = 0;
        long youngest = 0;
        boolean wasMajority = false;
        requireAllKeep(ignite.cluster().forServers().nodes()); // also of a grid that has begun without this node
        while (!isActive()) {
            Collection<ClusterNode> nodes = ignite.cluster().forServers().nodes();
            requireAllKeep(nodes);
            long newest = nodes.stream().mapToLong(ClusterNode::order).max().orElse(0);
            if (newest > youngest) {
                youngest = newest;
                joinedNanos = System.nanoTime();
                emptySinceNanos = 0;
                wasMajority = false;
            }
            wasMajority |= majority.isMet();
            Step step = step(nodes, wasMajority, joinedNanos);
            if (emptySinceNanos == 0 && step == Step.START_EMPTY) {
                emptySinceNanos = System.nanoTime();
            }
            if (emptySinceNanos != 0 && System.nanoTime() - emptySinceNanos > SETTLED_NANOS) {
                return Step.START_EMPTY; // also where others, who decided the same, left first
            }
            if (!majority.isMet() && looks++ % LOOKS_PER_QUESTION == 0 && whole.broken() != null) {
                return Step.WAIT;
            }
            if (step == Step.BEGIN && isOldest()) {
                guard.close(); // and look again at who came until then
                if (step(ignite.cluster().forServers().nodes(), wasMajority, joinedNanos) == Step.BEGIN) {
                    begin();
                }
            }
            if (System.nanoTime() - toldNanos > TOLD_NANOS) {
                toldNanos = System.nanoTime();
                LOG.info(
                        "the grid has not begun: {} of {} nodes are here, and wait for those of kept rows or a majority",
                        nodes.size(),
                        majority.expected());
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
        guard.close();
        return Step.BEGIN;
    }

    private static void requireAllKeep(Collection<ClusterNode> nodes) {
        if (nodes.stream().anyMatch(node -> node.<@Nullable Object>attribute(RowStore.ID) == null)) {
            throw new GridException(ErrorCode.INVALID_CONFIG, KeptRowsGuard.MIXED);
        }
    }

    private Step step(Collection<ClusterNode> nodes, boolean wasMajority, long joinedNanos) {
        List<Server> servers = nodes.stream().map(Server::of).toList();
        Duration patience = servers.stream().anyMatch(Server::isKept) ? PATIENCE : PATIENCE_WITHOUT_ROWS;
        Collection<BaselineNode> baseline = ignite.cluster().currentBaselineTopology();
        return step(
                String.valueOf(ignite.cluster().localNode().consistentId()),
                servers,
                nodes.size() >= majority.expected(),
                wasMajority,
                System.nanoTime() - joinedNanos > patience.toNanos(),
                baseline != null && !baseline.isEmpty());
    }

    private void begin() {
        try {
            ignite.cluster().state(ClusterState.ACTIVE);
            ShutdownPolicy policy = ignite.configuration().getShutdownPolicy();
            if (ignite.cluster().shutdownPolicy() != policy) {
                ignite.cluster().shutdownPolicy(policy); // the last node to leave had changed it, and that is kept, too
            }
            LOG.info(
                    "the grid begins nodes={}",
                    ignite.cluster().forServers().nodes().size());
        } catch (IgniteException failed) {
            LOG.warn("the grid has not begun; tried again", failed);
        }
    }

    private boolean isActive() {
        return ignite.cluster().state().active();
    }

    private boolean isOldest() {
        return ignite.cluster().forServers().forOldest().node().isLocal();
    }

    /** Lets the baseline follow the nodes, until interrupted or the node stops. */
    void follow() {
        Set<String> absent = new HashSet<>();
        long sinceNanos = System.nanoTime();
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
                if (!isActive()) {
                    continue;
                }
                Set<String> here = ids(ignite.cluster().forServers().nodes());
                Set<String> baseline = ids(baseline());
                Set<String> away = new TreeSet<>(baseline);
                away.removeAll(here);
                if (!away.equals(absent)) {
                    absent = away;
                    sinceNanos = System.nanoTime();
                }
                boolean isLong = !away.isEmpty() && System.nanoTime() - sinceNanos > AWAY.toNanos();
                if ((isLong || !baseline.containsAll(here)) && majority.isMet() && isOldest()) {
                    set(here);
                }
            }
        } catch (InterruptedException | IllegalStateException stopping) {
            LOG.debug("the baseline is not followed any more", stopping);
        }
    }

    private void set(Set<String> here) throws InterruptedException {
        try {
            ignite.cluster()
                    .setBaselineTopology(ignite.cluster().forServers().nodes().stream()
                            .filter(node -> here.contains(String.valueOf(node.consistentId())))
                            .toList());
            LOG.info("baseline nodes={}", here);
        } catch (IgniteException failed) { // a node came or went meanwhile
            LOG.info("baseline not changed; tried again reason={}", failed.getMessage());
            TimeUnit.SECONDS.sleep(1);
        }
    }

    private Collection<BaselineNode> baseline() {
        Collection<BaselineNode> baseline = ignite.cluster().currentBaselineTopology();
        return baseline == null ? List.of() : baseline;
    }

    private static Set<String> ids(Collection<? extends BaselineNode> nodes) {
        return nodes.stream().map(node -> String.valueOf(node.consistentId())).collect(Collectors.toSet());
    }
}

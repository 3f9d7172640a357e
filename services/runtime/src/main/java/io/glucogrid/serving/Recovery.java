package io.glucogrid.serving;

import io.glucogrid.cluster.GridHealth;
import io.glucogrid.cluster.LostPartitions;
import io.glucogrid.cluster.Marks;
import io.glucogrid.cluster.RowStore;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.model.Forecasts;
import io.glucogrid.store.StreamControl;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.cluster.ClusterNode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Heals what was lost when all copies of a partition died at once.
 *
 * <p>Ignite refuses reads and writes of such a partition until somebody declares the loss accepted, and then it is empty. What
 * it held is in the tier, up to the offsets of the offline group, and in Kafka from there on. So the oldest node of a majority
 *
 * <ol>
 *   <li>marks the buckets in the replicated registry cache, and asks every node to follow the mark: rows of these buckets are
 *       not served, whatever is there, and both streams leave their groups;
 *   <li>takes away the mark by which {@code ColdStart} knows that it has moved the online group's offsets;
 *   <li>looks once more what is lost, and begins anew where it is more than was marked; else resets the lost partitions, of
 *       history's hot windows too, which fill themselves from the tier;
 *   <li>asks for subjects' states for forecasting to be brought back, which they are beside what follows;
 *   <li>loads the buckets from the tier;
 *   <li>removes the mark, and the streams go on, the online one from where the offline one is.
 * </ol>
 *
 * Until then a stream's batch that meets a lost partition fails and is not committed. Each step may be repeated, and all that
 * is known of the recovery is the mark: where the node dies that does it, the next oldest goes on from it. A node that joins
 * meanwhile follows the mark before it serves anything. Rows that were only ever pushed online are gone.
 *
 * <p>A reset takes whatever is lost by then. Where a node left while it ran, what else it took with it is not known any more, so
 * all buckets are marked and loaded; a mark says that one runs, so that a successor knows it too.
 *
 * <p>A view that is being materialized for the first time is not among those that are loaded here. Its run is told of the loss,
 * and loads again what it has ({@link MaterializeProgress}).
 *
 * <p>A node in a minority holds its streams as well. It waits for a majority; where it had one before, its process ends.
 */
final class Recovery {
    private static final Duration FOLLOW = Duration.ofSeconds(90);
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final Ignite ignite;
    private final GridHealth health;
    private final Registry registry;
    private final Materializer materializer;
    private final OnlineStates states;
    private final Streams streams;
    private final Broadcast broadcast;
    private boolean holding;

    Recovery(
            Ignite ignite,
            GridHealth health,
            Registry registry,
            Materializer materializer,
            OnlineStates states,
            Streams streams,
            Broadcast broadcast) {
        this.ignite = ignite;
        this.health = health;
        this.registry = registry;
        this.materializer = materializer;
        this.states = states;
        this.streams = streams;
        this.broadcast = broadcast;
    }

    /** Does on this node what the mark and the number of nodes ask for; waits for the batches in hand. */
    synchronized void follow() {
        BitSet marked = marked();
        health.rebuilding(marked);
        if (!marked.isEmpty() || !health.majority().isMet()) {
            holding = true;
            streams.pause(Streams.ALL, StreamControl.Hold.RECOVERY);
        } else if (holding) {
            streams.resume(Streams.ALL, StreamControl.Hold.RECOVERY);
            holding = false;
        }
    }

    /** Notes on this node that all rows of a version of the definitions are there, where nothing says that they are not. */
    synchronized void note(long version) {
        if (marked().isEmpty() && !Caches.REGISTRY.in(ignite).containsKey(Marks.RESETTING)) {
            RowStore.note(ignite, version);
        }
    }

    /** Rebuilds what is lost, where there is anything and this is the node to do it. */
    void step() {
        if (!ignite.cluster().forServers().forOldest().node().isLocal()) {
            return;
        }
        Set<UUID> servers = servers();
        LostPartitions lost = LostPartitions.of(ignite);
        BitSet buckets = marked();
        if ((lost.isEmpty() && buckets.isEmpty()) || !lost.replicated().isEmpty()) {
            return;
        }
        long startedNanos = System.nanoTime();
        IgniteCache<String, String> cache = Caches.REGISTRY.in(ignite);
        buckets.or(lost.online());
        if (cache.containsKey(Marks.RESETTING)) {
            buckets.set(0, Buckets.COUNT);
        }
        LOG.warn("partitions lost caches={} buckets={}: rebuilding from history", lost.caches(), buckets);
        if (buckets.isEmpty()) {
            cache.put(Forecasts.STATES_WANTED, UUID.randomUUID().toString());
            ignite.resetLostPartitions(lost.caches());
            return;
        }
        mark(buckets);
        cache.remove(Marks.OFFSETS_MOVED);
        Set<UUID> present = servers();
        LostPartitions now = LostPartitions.of(ignite);
        if (!present.containsAll(servers) || !isMarked(now.online(), buckets)) {
            LOG.warn("a node left after partitions were marked; they are looked at again");
            return;
        }
        if (!now.isEmpty()) {
            cache.put(Marks.RESETTING, "true");
            ignite.resetLostPartitions(now.caches());
        }
        if (!servers().containsAll(present)) {
            buckets.set(0, Buckets.COUNT);
            mark(buckets);
        }
        cache.put(Marks.LAST_LOSS, UUID.randomUUID().toString());
        cache.remove(Marks.RESETTING);
        cache.put(Forecasts.STATES_WANTED, UUID.randomUUID().toString());
        Map<String, String> known = states.all();
        List<FeatureView> views = registry.snapshot().definitions().views().values().stream()
                .filter(view -> view.online() && known.containsKey(view.name()))
                .toList();
        long rows = materializer.buckets(views, buckets).rows();
        cache.remove(Marks.REBUILDING);
        broadcast.run(new Jobs.FollowRecovery(), FOLLOW);
        LOG.warn(
                "partitions rebuilt buckets={} views={} rows={} ms={}",
                buckets.cardinality(),
                views.stream().map(FeatureView::name).toList(),
                rows,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos));
    }

    /** Returns when every node serves nothing of these buckets, and consumes nothing. */
    private void mark(BitSet buckets) {
        Caches.REGISTRY.in(ignite).put(Marks.REBUILDING, text(buckets));
        broadcast.run(new Jobs.FollowRecovery(), FOLLOW);
    }

    private static boolean isMarked(BitSet lost, BitSet marked) {
        BitSet unmarked = (BitSet) lost.clone();
        unmarked.andNot(marked);
        return unmarked.isEmpty();
    }

    private Set<UUID> servers() {
        return ignite.cluster().forServers().nodes().stream()
                .map(ClusterNode::id)
                .collect(Collectors.toSet());
    }

    private BitSet marked() {
        return buckets(Caches.REGISTRY.in(ignite).get(Marks.REBUILDING));
    }

    private static String text(BitSet buckets) {
        return buckets.stream()
                .mapToObj(Integer::toString)
                .reduce((a, b) -> a + " " + b)
                .orElse("");
    }

    private static BitSet buckets(@Nullable String text) {
        BitSet buckets = new BitSet(Buckets.COUNT);
        if (text != null) {
            for (String number : text.split(" ", -1)) {
                buckets.set(Integer.parseInt(number));
            }
        }
        return buckets;
    }
}

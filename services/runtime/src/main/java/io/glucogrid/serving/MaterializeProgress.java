package io.glucogrid.serving;

import io.glucogrid.cluster.Marks;
import io.glucogrid.cluster.Sightings;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.json.Json;
import io.glucogrid.value.Timestamps;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.cache.Cache;
import javax.cache.CacheException;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far materializations are, in a replicated cache that lives as long as the online rows do: the same request, made again
 * after it failed half-way, goes on where it was.
 *
 * <p>Equal requests may run at the same time, and share one run: one of them works on it, the others wait for it, and where its
 * node is gone or it failed, the next one goes on. A run has a random token, its notes bear it, and nothing else counts for it: a
 * job of a run that is over may note what it read before the next run began. A run whose start is not there any more was ended by
 * another request that shared it, after its result was remembered; how many rows it loaded is known for a while.
 *
 * <p>A note counts until online rows are lost: it bears {@link Marks#LAST_LOSS} as it was before the rows were read.
 */
final class MaterializeProgress {
    private static final Logger LOG = LoggerFactory.getLogger(MaterializeProgress.class);
    private static final String PREFIX = "materialize/";
    private static final String START = "start";
    private static final String STARTED = "started";
    private static final String SEEN = "seen";
    private static final String READ = "read";
    private static final String VIEWS = "views";
    private static final String WORKER = "worker";
    private static final String ENDED = PREFIX + "ended/";
    private static final int TOKEN_CHARS = 36;

    /** Longer than any run; the request may be made again until then, as one that failed lately mostly is. */
    static final Duration OLD = Duration.ofHours(2);

    /** Whatever its request, nobody goes on with a run after this time. */
    static final Duration TOO_OLD = Duration.ofDays(1);

    /** Of old runs no more than this many are kept: each has the names of all segments. */
    static final int MOST_OLD = 20;

    private final Ignite ignite;

    /** Tokens of runs; used by the upkeep thread alone. */
    private final Sightings<String> sightings = new Sightings<>();

    /** Marks of workers of this node that have ended while the grid could not be written; their values by their keys. */
    private final Map<String, String> leftOver = new ConcurrentHashMap<>();

    MaterializeProgress(Ignite ignite) {
        this.ignite = ignite;
    }

    /**
     * What an unfinished run was when it began.
     *
     * @param startedMicros by the clock of the node that was asked, for people
     * @param seen segments of each view whose rows it did not need; null for a load from the beginning
     * @param read segments of each view's table that the run reads, at least
     */
    record Begun(long startedMicros, List<@Nullable SeenSegments> seen, List<SeenSegments> read) {}

    /**
     * A run that is not over.
     *
     * @param id of the request
     * @param token of this run of it
     * @param isShared whether another request began it
     */
    record Run(String id, String token, Begun begun, boolean isShared) {}

    /**
     * What is done of a run.
     *
     * @param rows how many rows were offered to the online store
     * @param isOver whether another request has ended it; then its buckets are not known any more
     * @param isWhole whether that request had loaded all of it: a run can also be forgotten, or lost with the grid's memory
     */
    record Done(BitSet buckets, long rows, boolean isOver, boolean isWhole) {}

    /** The unfinished run of an id or, where there is none, one that begins with {@code fresh}. */
    Run begin(String id, List<String> views, Begun fresh) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put(VIEWS, views);
        tree.put(STARTED, fresh.startedMicros());
        // An empty list of lists stands for null.
        tree.put(
                SEEN,
                fresh.seen().stream()
                        .map(seen -> seen == null ? List.of() : List.of(seen.texts()))
                        .toList());
        tree.put(READ, fresh.read().stream().map(SeenSegments::texts).toList());
        String token = UUID.randomUUID().toString();
        String known = cache().getAndPutIfAbsent(start(id), token + Json.text(tree));
        return known == null ? new Run(id, token, fresh, false) : new Run(id, token(known), begun(known), true);
    }

    /** A start is the run's token, and JSON that says what it was when it began. */
    private static String start(String id) {
        return PREFIX + id + "/" + START;
    }

    private static String token(String start) {
        return start.substring(0, TOKEN_CHARS);
    }

    private static Map<String, @Nullable Object> tree(String start) {
        return Json.parseObject(start.substring(TOKEN_CHARS));
    }

    private static Begun begun(String start) {
        Map<String, @Nullable Object> begun = tree(start);
        List<@Nullable SeenSegments> seen = new ArrayList<>();
        List<SeenSegments> read = new ArrayList<>();
        for (Object one : list(begun.get(SEEN))) {
            List<@Nullable Object> texts = list(one);
            seen.add(texts.isEmpty() ? null : segments(texts.get(0)));
        }
        for (Object one : list(begun.get(READ))) {
            read.add(segments(one));
        }
        long started = begun.get(STARTED) instanceof Long micros ? micros : 0;
        return new Begun(started, Collections.unmodifiableList(seen), List.copyOf(read));
    }

    private static SeenSegments segments(@Nullable Object texts) {
        return SeenSegments.ofTexts(list(texts).stream().map(String::valueOf).toList());
    }

    private static List<@Nullable Object> list(@Nullable Object value) {
        List<@Nullable Object> list = Json.list(value);
        return list == null ? List.of() : list;
    }

    /** Says which loss of online rows was the last one; to be asked before a load. */
    String lastLoss() {
        String loss = cache().get(Marks.LAST_LOSS);
        return loss == null ? "" : loss;
    }

    /**
     * Notes buckets that a node has loaded, unless the run is over.
     *
     * @param loss the last one before they were loaded
     */
    void note(String id, String token, BitSet buckets, long rows, String loss) {
        String note = notes(id, token) + buckets;
        if (isOpen(id, token)) {
            cache().put(note, rows + " " + loss);
            if (!isOpen(id, token)) {
                cache().remove(note);
            }
        }
    }

    private static String notes(String id, String token) {
        return PREFIX + id + "/" + token + "/";
    }

    private boolean isOpen(String id, String token) {
        String start = cache().get(start(id));
        return start != null && start.startsWith(token);
    }

    Done done(String id, String token) {
        BitSet buckets = new BitSet(Buckets.COUNT);
        long rows = 0;
        String notes = notes(id, token);
        String loss = lastLoss();
        for (Cache.Entry<String, String> entry : cache()) {
            if (entry.getKey().startsWith(notes + "{") && entry.getValue().endsWith(" " + loss)) {
                buckets.or(buckets(entry.getKey().substring(notes.length())));
                rows += Long.parseLong(entry.getValue().split(" ", 2)[0]);
            }
        }
        boolean isOver = !isOpen(id, token);
        String ended = isOver ? cache().get(ENDED + token) : null;
        return new Done(buckets, ended == null ? rows : Long.parseLong(ended), isOver, ended != null);
    }

    /**
     * Whether a request may work on a run: nobody else does, or whoever did is not in the grid any more.
     *
     * @param worker random name of the request
     */
    boolean takes(String id, String token, String worker) {
        String key = notes(id, token) + WORKER;
        String own = ignite.cluster().localNode().id() + " " + worker;
        String other = cache().getAndPutIfAbsent(key, own);
        if (other == null || other.equals(own)) {
            return true;
        }
        UUID node = UUID.fromString(other.split(" ", 2)[0]);
        boolean isLeft = ignite.cluster().node(node) == null || other.equals(leftOver.get(key));
        return isLeft && cache().replace(key, other, own);
    }

    /** Lets another request go on with a run; later where the grid cannot be written now. */
    void leaves(String id, String token, String worker) {
        String key = notes(id, token) + WORKER;
        String own = ignite.cluster().localNode().id() + " " + worker;
        try {
            cache().remove(key, own);
        } catch (CacheException | IgniteException | IllegalStateException broken) {
            leftOver.put(key, own);
            LOG.warn("the mark of a materialization stays until the grid can be written run={}", id, broken);
        }
    }

    private void removeLeftOver() {
        leftOver.forEach((key, mark) -> {
            cache().remove(key, mark);
            leftOver.remove(key, mark);
        });
    }

    /** As {@link #end}, and lets those who share the run know how many rows it loaded. */
    void finish(String id, String token, long rows) {
        cache().put(ENDED + token, Long.toString(rows));
        end(id, token);
    }

    /** Forgets a run that is over, and no other run of its request. */
    void end(String id, String token) {
        String start = cache().get(start(id));
        if (start != null && start.startsWith(token)) {
            cache().remove(start(id), start);
        }
        remove(notes(id, token));
    }

    /**
     * Forgets runs that nobody will go on with, and notes of runs that are over. To be called now and then on every node; only the
     * oldest removes anything.
     *
     * @param nowNanos as {@link System#nanoTime} counts
     */
    void prune(long nowNanos) {
        removeLeftOver();
        Map<String, String> idByToken = new LinkedHashMap<>();
        starts().forEach((id, start) -> idByToken.put(token(start), id));
        Set<String> known = new HashSet<>(idByToken.keySet());
        for (Cache.Entry<String, String> entry : cache()) {
            if (entry.getKey().startsWith(ENDED)) {
                known.add(entry.getKey());
            }
        }
        sightings.look(known, nowNanos);
        if (!ignite.cluster().forServers().forOldest().node().isLocal()) {
            return;
        }
        List<String> old = idByToken.keySet().stream()
                .filter(token -> sightings.ageNanos(token, nowNanos) > OLD.toNanos())
                .sorted(Comparator.comparingLong(token -> sightings.ageNanos(token, nowNanos)))
                .toList();
        for (int i = 0; i < old.size(); i++) {
            String token = old.get(i);
            if (i >= MOST_OLD || sightings.ageNanos(token, nowNanos) > TOO_OLD.toNanos()) {
                end(idByToken.getOrDefault(token, ""), token);
            }
        }
        known.removeIf(key -> !key.startsWith(ENDED) || sightings.ageNanos(key, nowNanos) <= OLD.toNanos());
        cache().removeAll(known);
        removeNotesOfNoRun();
    }

    private void removeNotesOfNoRun() {
        for (Cache.Entry<String, String> entry : cache()) {
            String[] parts = entry.getKey().split("/", -1);
            if (parts.length == 4 && entry.getKey().startsWith(PREFIX) && !isOpen(parts[1], parts[2])) {
                cache().remove(entry.getKey());
            }
        }
    }

    /** Forgets all runs: what they have loaded is gone. */
    void clear() {
        remove(PREFIX);
    }

    private void remove(String prefix) {
        Set<String> keys = new HashSet<>();
        for (Cache.Entry<String, String> entry : cache()) {
            if (entry.getKey().startsWith(prefix)) {
                keys.add(entry.getKey());
            }
        }
        cache().removeAll(keys);
    }

    /** Runs that are not over, as a JSON tree. */
    List<Map<String, Object>> tree() {
        List<Map<String, Object>> runs = new ArrayList<>();
        starts().forEach((id, start) -> {
            Map<String, Object> run = new LinkedHashMap<>();
            Map<String, @Nullable Object> begun = tree(start);
            Done done = done(id, token(start));
            run.put(VIEWS, list(begun.get(VIEWS)));
            if (begun.get(STARTED) instanceof Long micros) {
                run.put("started_at", Timestamps.iso(micros));
            }
            run.put("buckets_done", done.buckets().cardinality());
            run.put("buckets", Buckets.COUNT);
            run.put("rows", done.rows());
            runs.add(run);
        });
        return runs;
    }

    /** Starts by id. */
    private Map<String, String> starts() {
        Map<String, String> starts = new TreeMap<>();
        for (Cache.Entry<String, String> entry : cache()) {
            String[] parts = entry.getKey().split("/", -1);
            if (parts.length == 3 && entry.getKey().startsWith(PREFIX) && parts[2].equals(START)) {
                starts.put(parts[1], entry.getValue());
            }
        }
        return starts;
    }

    /** Of {@code BitSet.toString}: {@code {1, 2, 3}}. */
    private static BitSet buckets(String text) {
        BitSet buckets = new BitSet(Buckets.COUNT);
        for (String number : text.substring(1, text.length() - 1).split(", ", -1)) {
            if (!number.isEmpty()) {
                buckets.set(Integer.parseInt(number));
            }
        }
        return buckets;
    }

    private IgniteCache<String, String> cache() {
        return Caches.REGISTRY.in(ignite);
    }
}

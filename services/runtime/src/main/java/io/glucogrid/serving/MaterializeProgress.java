package io.glucogrid.serving;

import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.json.Json;
import io.glucogrid.value.Timestamps;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.cache.Cache;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.jspecify.annotations.Nullable;

/**
 * How far materializations are, in a replicated cache that lives as long as the online rows do: the same request, made again
 * after it failed half-way, goes on where it was.
 */
final class MaterializeProgress {
    private static final String PREFIX = "materialize/";
    private static final String START = "start";
    private static final String STARTED = "started";
    private static final String SEEN = "seen";
    private static final String READ = "read";
    private static final String VIEWS = "views";

    private final Ignite ignite;

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
     * What is done.
     *
     * @param rows how many rows were offered to the online store
     */
    record Done(BitSet buckets, long rows) {}

    /** The unfinished run of an id; null where there is none, and {@code fresh} is remembered from now on. */
    @Nullable
    Begun begin(String id, List<String> views, Begun fresh) {
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
        String known = cache().getAndPutIfAbsent(PREFIX + id + "/" + START, Json.text(tree));
        if (known == null) {
            return null;
        }
        Map<String, @Nullable Object> begun = Json.parseObject(known);
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

    /** Notes buckets that a node has loaded. */
    void note(String id, BitSet buckets, long rows) {
        cache().put(PREFIX + id + "/" + buckets, Long.toString(rows));
    }

    Done done(String id) {
        return entries().getOrDefault(id, new Done(new BitSet(), 0));
    }

    /** Forgets a run that is over. */
    void end(String id) {
        remove(PREFIX + id + "/");
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
        entries().forEach((id, done) -> {
            Map<String, Object> run = new LinkedHashMap<>();
            String start = cache().get(PREFIX + id + "/" + START);
            Map<String, @Nullable Object> begun = start == null ? Map.of() : Json.parseObject(start);
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

    private Map<String, Done> entries() {
        Map<String, Done> runs = new TreeMap<>();
        for (Cache.Entry<String, String> entry : cache()) {
            String[] parts = entry.getKey().split("/", -1);
            if (parts.length != 3 || !entry.getKey().startsWith(PREFIX)) {
                continue;
            }
            Done before = runs.getOrDefault(parts[1], new Done(new BitSet(), 0));
            if (!parts[2].equals(START)) {
                BitSet buckets = (BitSet) before.buckets().clone();
                buckets.or(buckets(parts[2]));
                runs.put(parts[1], new Done(buckets, before.rows() + Long.parseLong(entry.getValue())));
            } else {
                runs.put(parts[1], before);
            }
        }
        return runs;
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

package io.glucogrid.serving;

import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.Caches;
import io.glucogrid.json.Json;
import java.util.ArrayList;
import java.util.BitSet;
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
    private static final String SINCE = "since";
    private static final String VIEWS = "views";

    private final Ignite ignite;

    MaterializeProgress(Ignite ignite) {
        this.ignite = ignite;
    }

    /**
     * What an unfinished run was when it began.
     *
     * @param startedMicros rows ingested later may not be part of it
     * @param sinceMicros of each view
     */
    record Begun(long startedMicros, long[] sinceMicros) {}

    /**
     * What is done.
     *
     * @param rows how many rows were offered to the online store
     */
    record Done(BitSet buckets, long rows) {}

    /** The unfinished run of an id; {@code fresh}, remembered from now on, where there is none. */
    Begun begin(String id, List<String> views, Begun fresh) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put(VIEWS, views);
        tree.put(STARTED, fresh.startedMicros());
        List<Long> since = new ArrayList<>();
        for (long micros : fresh.sinceMicros()) {
            since.add(micros);
        }
        tree.put(SINCE, since);
        String known = cache().getAndPutIfAbsent(PREFIX + id + "/" + START, Json.text(tree));
        if (known == null) {
            return fresh;
        }
        Map<String, @Nullable Object> begun = Json.parseObject(known);
        List<@Nullable Object> sinceThen = Json.list(begun.get(SINCE));
        if (!(begun.get(STARTED) instanceof Long started)
                || sinceThen == null
                || sinceThen.size() != fresh.sinceMicros().length) {
            return fresh;
        }
        long[] micros = new long[sinceThen.size()];
        for (int i = 0; i < micros.length; i++) {
            micros[i] = sinceThen.get(i) instanceof Long value ? value : MaterializeRun.FROM_THE_BEGINNING;
        }
        return new Begun(started, micros);
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

    /** Forgets all runs. */
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
            Object views = start == null ? null : Json.parseObject(start).get(VIEWS);
            run.put(VIEWS, views == null ? List.of() : views);
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

package io.glucogrid.grid;

import io.glucogrid.feature.Aggregation;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.store.HistoryKey;
import io.glucogrid.store.SegmentInfo;
import io.glucogrid.store.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.cache.CacheAtomicityMode;
import org.apache.ignite.cache.CacheMode;
import org.apache.ignite.cache.CacheWriteSynchronizationMode;
import org.apache.ignite.cache.affinity.rendezvous.RendezvousAffinityFunction;
import org.apache.ignite.configuration.CacheConfiguration;

/**
 * Every cache of the grid, typed.
 *
 * <p>The fixed ones are declared in the node's XML and exist from its start. The ones that belong to a definition are made
 * here, from a template in the same XML, when the definition is applied, and so are those of a training: nothing else in main
 * code creates a cache.
 */
public final class Caches {
    /** The registry version in force as JSON text, and marks that live as long as the grid; replicated. */
    public static final CacheRef<String, String> REGISTRY = new CacheRef<>("registry", "registry");

    /** Named segments, keyed by their path below the tier's root; replicated, FULL_SYNC. */
    public static final CacheRef<String, SegmentInfo> SEGMENTS = new CacheRef<>("segments", "segments");

    /**
     * One random token per table, replaced after each announced change of its segments, and under {@code "/"} the name of the
     * tier; replicated, FULL_SYNC.
     */
    public static final CacheRef<String, String> SEGMENT_VERSIONS =
            new CacheRef<>("segment-versions", "segment-versions");

    /** Models of every kind as JSON documents, keyed {@code name@version}; replicated. */
    public static final CacheRef<String, String> MODELS = new CacheRef<>("models", "models");

    /** Key in {@link #MODELS} of the active version, keyed by model name, and of the shadow; replicated. */
    public static final CacheRef<String, String> ACTIVE_MODELS = new CacheRef<>("active-models", "active-models");

    /** Who does what only one node may do at a time, by task; configured like {@link #ACTIVE_MODELS}. */
    public static final CacheRef<String, String> CLAIMS = new CacheRef<>("claims", "active-models");

    /** From which probabilities users want to be warned, by subject: of a low, of a high; like {@link #ACTIVE_MODELS}. */
    public static final CacheRef<Long, double[]> OPERATING_POINTS = new CacheRef<>("operating-points", "active-models");

    /**
     * What is kept online of each subject for forecasting: the readings of 24 hours and the learners, as bytes; partitioned
     * like the online rows.
     */
    public static final CacheRef<Long, byte[]> SUBJECT_STATES = new CacheRef<>("subject-states", "subject-states");

    /** How the names of all online caches start. */
    public static final String ONLINE_PREFIX = "online-";

    /** How the names of all caches of subjects' own coefficients start. */
    public static final String PERSONAL_PREFIX = "personal-";

    private static final String TRAINING_PREFIX = "training-";
    private static final String ONLINE_TEMPLATE = "online-*";
    private static final String HISTORY_TEMPLATE = "history-*";

    private Caches() {}

    /**
     * Online rows of a view, keyed by {@link io.glucogrid.feature.EntityKey#of}: the bare join-key value of a one-key
     * entity, an {@code EntityKey} of a composite one.
     *
     * <p>A row holds values without their names, so each layout has a cache of its own: the name ends in a checksum of what the
     * rows mean (entities, source, features with their types and order, which recent readings they carry). Whoever still follows an older version of the view
     * reads and writes the older cache, and nobody ever reads a row with another view's columns.
     */
    public static CacheRef<Object, FeatureRow> online(FeatureView view) {
        return new CacheRef<>(ONLINE_PREFIX + view.name() + "-" + layout(view), ONLINE_TEMPLATE);
    }

    private static String layout(FeatureView view) {
        CRC32 checksum = new CRC32();
        String meaning = view.entities() + " " + view.source() + " " + view.features();
        if (!view.aggregations().isEmpty()) {
            Set<String> columns = new TreeSet<>();
            long longestMicros = 0;
            for (Aggregation aggregation : view.aggregations()) {
                columns.add(aggregation.column());
                longestMicros = Math.max(longestMicros, aggregation.windowMicros());
            }
            meaning += " " + columns + " " + longestMicros;
        }
        checksum.update(meaning.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) checksum.getValue());
    }

    /** Hot window of a table's history, read and written through the Parquet tier; the cache bears the table's name. */
    public static CacheRef<HistoryKey, FeatureRow> history(TableSchema table) {
        return new CacheRef<>(table.name(), HISTORY_TEMPLATE);
    }

    /**
     * Subjects' own coefficients under one version of a model, keyed by subject; partitioned like their states.
     *
     * @param model {@code name@version}
     */
    public static CacheRef<Long, double[]> personal(String model) {
        return new CacheRef<>(PERSONAL_PREFIX + model, SUBJECT_STATES.template());
    }

    /** Starts the cache on the whole grid from its template, or returns it where it runs already. */
    public static <K, V> IgniteCache<K, V> start(Ignite ignite, CacheRef<K, V> ref) {
        CacheConfiguration<K, V> configuration = new CacheConfiguration<>(template(ignite, ref));
        configuration.setName(ref.name());
        return ignite.getOrCreateCache(configuration);
    }

    /**
     * Starts an empty cache for the examples of one training: without backups, its partitions the {@link Buckets} of its
     * keys' affinity keys. It ends with {@link #destroyTraining}.
     *
     * @param id tells it from those of other trainings
     */
    public static <K, V> IgniteCache<K, V> startTraining(Ignite ignite, String id) {
        CacheConfiguration<K, V> configuration = new CacheConfiguration<>(TRAINING_PREFIX + id);
        configuration.setCacheMode(CacheMode.PARTITIONED);
        configuration.setAtomicityMode(CacheAtomicityMode.ATOMIC);
        configuration.setWriteSynchronizationMode(CacheWriteSynchronizationMode.FULL_SYNC);
        configuration.setBackups(0);
        configuration.setAffinity(new RendezvousAffinityFunction(false, Buckets.COUNT));
        return ignite.createCache(configuration);
    }

    /** Destroys all training caches of the grid, and with them what Ignite ML derived from them under their names. */
    public static void destroyTraining(Ignite ignite) {
        for (String name : ignite.cacheNames()) {
            if (name.startsWith(TRAINING_PREFIX)) {
                ignite.destroyCache(name);
            }
        }
    }

    @SuppressWarnings("unchecked") // a template has no types of its own
    private static <K, V> CacheConfiguration<K, V> template(Ignite ignite, CacheRef<K, V> ref) {
        return Arrays.stream(ignite.configuration().getCacheConfiguration())
                .filter(candidate -> ref.template().equals(candidate.getName()))
                .map(candidate -> (CacheConfiguration<K, V>) candidate)
                .findFirst()
                .orElseThrow(() -> new GridException(
                        ErrorCode.INVALID_CONFIG,
                        "the node's XML has no cache or cache template named '" + ref.template() + "'"));
    }
}

package io.glucogrid.serving;

import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.GridException;
import io.glucogrid.json.FeatureJson;
import io.glucogrid.store.OfflineStore;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads each feature service a few times for an entity that does not exist, online and from history, so that classes are loaded
 * and files listed before the first caller waits for them. It only reads; what a first write needs is loaded by the offline store.
 */
final class ServingWarmUp {
    private static final int ROUNDS = 20;
    private static final int MOST_SERVICES = 8;
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(ServingWarmUp.class);

    private final Registry registry;
    private final OnlineReads online;
    private final HistoricalReads historical;
    private final Supplier<OfflineStore> offline;

    ServingWarmUp(Registry registry, OnlineReads online, HistoricalReads historical, Supplier<OfflineStore> offline) {
        this.registry = registry;
        this.online = online;
        this.historical = historical;
        this.offline = offline;
    }

    /** Never fails: what cannot be read now will say so to whoever asks for it. */
    void run() {
        long start = System.nanoTime();
        Snapshot snapshot = registry.snapshot();
        snapshot.definitions().services().keySet().stream().limit(MOST_SERVICES).forEach(service -> {
            try {
                read(snapshot.service(service));
            } catch (GridException failed) {
                LOG.debug("service stays cold service={} reason={}", service, failed.reason());
            }
        });
        offline.get().warmUp();
        LOG.debug("serving warm ms={}", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }

    private void read(ReadPlan plan) {
        Object[] keys = plan.joinKeys().stream()
                .map(Field::type)
                .map(ServingWarmUp::nobody)
                .toArray();
        List<Object[]> entities = Collections.singletonList(keys);
        List<@Nullable Object[]> request =
                Collections.singletonList(new Object[plan.requested().size()]);
        long[] atMicros = {0};
        for (int round = 0; round < ROUNDS; round++) {
            if (plan.isOnline()) {
                FeatureJson.columns(online.read(plan, entities, request, Deadline.in(DEADLINE))
                        .table());
            }
            FeatureJson.columns(historical.read(plan, entities, request, atMicros, Deadline.in(DEADLINE)));
        }
    }

    /** A value that no entity is likely to have as its key. */
    private static Object nobody(ValueType type) {
        return switch (type) {
            case INT32 -> Integer.MIN_VALUE + 1;
            case INT64, UNIX_TIMESTAMP -> Long.MIN_VALUE + 1;
            case FLOAT -> Float.MIN_VALUE;
            case DOUBLE -> Double.MIN_VALUE;
            case BOOL -> false;
            case STRING -> "\u0000nobody";
            case BYTES -> Arrays.copyOf(new byte[] {-1}, 1);
        };
    }
}

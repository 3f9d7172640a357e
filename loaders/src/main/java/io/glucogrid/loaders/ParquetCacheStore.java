package io.glucogrid.loaders;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.grid.NodeSettings;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.HistoryKey;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.cache.Cache;
import javax.cache.integration.CacheLoaderException;
import javax.cache.integration.CacheWriterException;
import org.apache.ignite.Ignite;
import org.apache.ignite.cache.affinity.Affinity;
import org.apache.ignite.cache.store.CacheStoreAdapter;
import org.apache.ignite.lang.IgniteBiInClosure;
import org.apache.ignite.resources.CacheNameResource;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes a history cache through the Parquet tier; the cache bears its table's name.
 *
 * <p>Ignite calls it on threads that process cache updates, so nothing here waits for the grid: rows count as stored when they
 * are in a named segment that this node knows, and other nodes learn of it right after.
 */
public final class ParquetCacheStore extends CacheStoreAdapter<HistoryKey, FeatureRow> {
    @IgniteInstanceResource
    private transient Ignite ignite;

    @CacheNameResource
    private transient String cacheName;

    private volatile @Nullable Node node;

    @Override
    public @Nullable FeatureRow load(HistoryKey key) {
        return loadAll(List.of(key)).get(key);
    }

    @Override
    public Map<HistoryKey, FeatureRow> loadAll(Iterable<? extends HistoryKey> keys) {
        List<HistoryKey> asked = new ArrayList<>();
        keys.forEach(asked::add);
        Map<HistoryKey, FeatureRow> found = new HashMap<>();
        try {
            List<@Nullable HistoryRow> rows = current(asked);
            for (int i = 0; i < asked.size(); i++) {
                HistoryRow row = rows.get(i);
                if (row != null) {
                    found.put(asked.get(i), row.row());
                }
            }
        } catch (GridException failure) {
            throw new CacheLoaderException(failure.reason(), failure);
        }
        return found;
    }

    private List<@Nullable HistoryRow> current(Collection<HistoryKey> keys) {
        List<AsOf> questions = keys.stream()
                .map(key -> new AsOf(key.joinKeys(), key.eventMicros(), key.eventMicros()))
                .toList();
        return node().store().asOfLocally(node().table(), questions);
    }

    /** Loads the rows of the partitions that this node has; of several versions the one that counts. */
    @Override
    public void loadCache(IgniteBiInClosure<HistoryKey, FeatureRow> cache, Object... arguments) {
        Affinity<Object> affinity = ignite.affinity(cacheName);
        boolean[] local = new boolean[Buckets.COUNT];
        for (int partition : affinity.allPartitions(ignite.cluster().localNode())) {
            local[partition] = true;
        }
        try {
            NewestVersions newest = new NewestVersions(cache);
            node().store().scan(node().table(), bucket -> local[bucket], newest::accept);
            newest.finish();
        } catch (GridException failure) {
            throw new CacheLoaderException(failure.reason(), failure);
        }
    }

    @Override
    public void write(Cache.Entry<? extends HistoryKey, ? extends FeatureRow> entry) {
        append(List.of(HistoryRow.upsert(entry.getKey().joinKeys(), entry.getValue())));
    }

    @Override
    public void writeAll(Collection<Cache.Entry<? extends HistoryKey, ? extends FeatureRow>> entries) {
        append(entries.stream()
                .map(entry -> HistoryRow.upsert(entry.getKey().joinKeys(), entry.getValue()))
                .toList());
    }

    @Override
    public void delete(Object key) {
        deleteAll(List.of(key));
    }

    /** A delete is created now, or with the row that it hides where that claims to come from the future. */
    @Override
    public void deleteAll(Collection<?> keys) {
        List<HistoryKey> deleted = keys.stream().map(HistoryKey.class::cast).toList();
        List<HistoryRow> tombstones = new ArrayList<>();
        try {
            long now = node().store().nowMicros();
            List<@Nullable HistoryRow> current = current(deleted);
            for (int i = 0; i < deleted.size(); i++) {
                HistoryKey key = deleted.get(i);
                HistoryRow hidden = current.get(i);
                long created = hidden == null ? now : Math.max(now, hidden.row().createdMicros());
                FeatureRow times = new FeatureRow(key.eventMicros(), created, new @Nullable Object[0]);
                tombstones.add(new HistoryRow(key.joinKeys(), times, HistoryRow.Op.DELETE));
            }
        } catch (GridException failure) {
            throw new CacheWriterException(failure.reason(), failure);
        }
        append(tombstones);
    }

    private void append(List<HistoryRow> rows) {
        try {
            CompletableFuture<Void> durable = node().store().appendLocally(node().table(), rows);
            durable.get(node().deadlineMillis(), TimeUnit.MILLISECONDS);
        } catch (GridException failure) {
            throw new CacheWriterException(failure.reason(), failure);
        } catch (ExecutionException failure) {
            throw new CacheWriterException(String.valueOf(failure.getCause()), failure.getCause());
        } catch (TimeoutException late) {
            throw new CacheWriterException("rows of '" + cacheName + "' may not be durable: deadline exceeded", late);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new CacheWriterException("rows of '" + cacheName + "' may not be durable: interrupted", stopped);
        }
    }

    /** Found at first use: services may start after the cache. */
    private Node node() {
        Node known = node;
        if (known == null) {
            NodeSettings settings = NodeSettings.of(ignite);
            known = new Node(
                    new LocalService<>(ignite, OfflineStore.NAME, OfflineStoreService.class),
                    new LocalService<>(ignite, FeatureStore.NAME, FeatureStore.class),
                    cacheName,
                    settings.deadline().toMillis());
            node = known;
        }
        return known;
    }

    /** What a store needs of its node. */
    private record Node(
            LocalService<OfflineStoreService> offline,
            LocalService<FeatureStore> features,
            String tableName,
            long deadlineMillis) {
        ParquetOfflineStore store() {
            return offline.get().store();
        }

        TableSchema table() {
            return features.get().definitions().tables().stream()
                    .filter(table -> table.name().equals(tableName))
                    .findFirst()
                    .orElseThrow(() -> new GridException(
                            ErrorCode.NOT_FOUND, "no feature view reads a source with the table '" + tableName + "'"));
        }
    }

    /** A scan brings the versions of one key and event time after each other, the newest last. */
    private static final class NewestVersions {
        private final IgniteBiInClosure<HistoryKey, FeatureRow> cache;
        private @Nullable HistoryRow last;

        NewestVersions(IgniteBiInClosure<HistoryKey, FeatureRow> cache) {
            this.cache = cache;
        }

        void accept(HistoryRow row) {
            HistoryRow before = last;
            if (before != null
                    && (before.row().eventMicros() != row.row().eventMicros()
                            || !Arrays.deepEquals(before.joinKeys(), row.joinKeys()))) {
                finish();
            }
            last = row;
        }

        void finish() {
            if (last != null) {
                cache.apply(new HistoryKey(last.joinKeys(), last.row().eventMicros()), last.row());
                last = null;
            }
        }
    }
}

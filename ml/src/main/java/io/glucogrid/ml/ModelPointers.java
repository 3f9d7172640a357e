package io.glucogrid.ml;

import io.glucogrid.grid.Caches;
import io.glucogrid.store.MetaStore;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import javax.cache.Cache;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;

/**
 * Which version each name stands for: one {@link Trail} per name in the cache {@link Caches#ACTIVE_MODELS}, moved by
 * compare-and-set, and all of them together as the tier's document {@code active-models}, a {@link CacheDocument}.
 */
final class ModelPointers {
    /** Stands for the version that is scored beside the active one; no model can be called so. */
    static final String SHADOW = "shadow:";

    private static final String DOCUMENT = "active-models";
    private static final String MOVING = "moving an active model";

    private final Ignite ignite;
    private final Supplier<MetaStore> meta;

    ModelPointers(Ignite ignite, Supplier<MetaStore> meta) {
        this.ignite = ignite;
        this.meta = meta;
    }

    /** All that the grid knows now. */
    Map<String, Trail> all() {
        Map<String, Trail> all = new HashMap<>();
        texts().forEach((name, text) -> all.put(name, Trail.parse(text)));
        return all;
    }

    Trail of(String name) {
        return Trail.parse(cache().get(name));
    }

    /** Whether it still was {@code from}, or none at all where that is {@link Trail#NONE}, and is {@code to} now. */
    boolean replace(String name, Trail from, Trail to, Deadline deadline) {
        IgniteCache<String, String> cache = cache();
        String before = cache.get(name);
        if (!Trail.parse(before).equals(from)) {
            return false;
        }
        return CacheCalls.done(
                () -> before == null
                        ? cache.putIfAbsentAsync(name, to.text())
                        : cache.replaceAsync(name, before, to.text()),
                MOVING,
                deadline);
    }

    /** Writes what the cache says to the tier. */
    void publish(Deadline deadline) {
        CacheDocument.write(
                meta.get(),
                DOCUMENT,
                () -> ModelJson.writeNames(texts()),
                "writing the active models to the tier",
                deadline);
    }

    /** What the tier remembers; nothing where it was never told. */
    Map<String, Trail> remembered() {
        Map<String, Trail> remembered = new TreeMap<>();
        MetaStore.Document document = meta.get().latest(DOCUMENT);
        if (document != null) {
            ModelJson.readNames(document.text()).forEach((name, text) -> remembered.put(name, Trail.parse(text)));
        }
        return remembered;
    }

    void putWhereAbsent(String name, Trail trail, Deadline deadline) {
        CacheCalls.done(() -> cache().putIfAbsentAsync(name, trail.text()), MOVING, deadline);
    }

    private Map<String, String> texts() {
        Map<String, String> texts = new HashMap<>();
        for (Cache.Entry<String, String> entry : cache()) {
            texts.put(entry.getKey(), entry.getValue());
        }
        return texts;
    }

    private IgniteCache<String, String> cache() {
        return Caches.ACTIVE_MODELS.in(ignite);
    }
}

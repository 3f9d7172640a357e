package io.glucogrid.ml;

import io.glucogrid.grid.Caches;
import io.glucogrid.store.MetaStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import javax.cache.Cache;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions themselves: immutable documents {@code models/<name>} in the tier and entries of the cache {@link Caches#MODELS}.
 *
 * <p>A number is never given twice: where the newest version of a name is removed, the tier's document {@code model-numbers}
 * remembers how far its name had come.
 */
final class ModelShelf {
    private static final Logger LOG = LoggerFactory.getLogger(ModelShelf.class);
    private static final Duration WRITING = Duration.ofSeconds(60);
    private static final String NUMBERS = "model-numbers";

    private final Ignite ignite;
    private final Supplier<MetaStore> meta;

    ModelShelf(Ignite ignite, Supplier<MetaStore> meta) {
        this.ignite = ignite;
        this.meta = meta;
    }

    /** Everything on it by id; a document that is known is not read again. */
    Map<String, StoredModel> all(Map<String, StoredModel> known) {
        Map<String, StoredModel> models = new HashMap<>();
        for (Cache.Entry<String, String> entry : cache()) {
            StoredModel before = known.get(entry.getKey());
            boolean same = before != null && before.text().equals(entry.getValue());
            models.put(entry.getKey(), same ? before : StoredModel.read(entry.getValue()));
        }
        return models;
    }

    boolean has(String id) {
        return cache().containsKey(id);
    }

    /** Stores a model as its name's next version: in the tier, then in the grid. */
    StoredModel add(String name, IntFunction<StoredModel> numbered, Deadline deadline) {
        MetaStore store = meta.get();
        String kind = kind(name);
        while (true) {
            deadline.millisLeft("storing the model");
            int version = 1 + Math.max(newest(name), taken(store, name));
            StoredModel model = numbered.apply(version);
            if (CacheDocument.published(store, kind, version, model.text())) {
                putBack(model, deadline);
                return model;
            }
        }
    }

    /** Takes a version out of the grid, so that nobody can begin to point at it. */
    void withdraw(StoredModel model, Deadline deadline) {
        CacheCalls.done(() -> cache().removeAsync(model.id()), "removing the model", deadline);
    }

    /** Puts one where it is absent. */
    void putBack(StoredModel model, Deadline deadline) {
        CacheCalls.done(() -> cache().putIfAbsentAsync(model.id(), model.text()), "storing the model", deadline);
    }

    /** Takes what was withdrawn out of the tier too. */
    void erase(StoredModel model, Deadline deadline) {
        MetaStore store = meta.get();
        remember(store, model, deadline);
        store.remove(kind(model.name()), model.version());
    }

    private static void remember(MetaStore store, StoredModel model, Deadline deadline) {
        while (true) {
            deadline.millisLeft("removing the model");
            MetaStore.Document latest = store.latest(NUMBERS);
            Map<String, String> numbers = numbers(latest);
            if (number(numbers, model.name()) >= model.version()) {
                return;
            }
            numbers.put(model.name(), Integer.toString(model.version()));
            long next = latest == null ? 1 : latest.version() + 1;
            if (CacheDocument.published(store, NUMBERS, next, ModelJson.writeNames(numbers))) {
                store.remove(NUMBERS, Math.max(0, next - 2)); // whoever lists meanwhile finds one of two
                return;
            }
        }
    }

    /** Puts every version that the tier has of a name where it is absent; passes over what cannot be read. */
    void restore(String name) {
        MetaStore store = meta.get();
        MetaStore.Document latest = store.latest(kind(name));
        for (long version = 1; latest != null && version <= latest.version(); version++) {
            MetaStore.Document stored = store.read(kind(name), version);
            StoredModel model = stored == null ? null : readable(name, stored);
            if (model != null) {
                putBack(model, Deadline.in(WRITING));
            }
        }
    }

    private static @Nullable StoredModel readable(String name, MetaStore.Document document) {
        String id = name + "@" + document.version();
        try {
            StoredModel model = StoredModel.read(document.text());
            if (model.id().equals(id)) {
                return model;
            }
            LOG.warn("a damaged model is left out model={} reason=\"it says that it is {}\"", id, model.id());
        } catch (RuntimeException damaged) {
            LOG.warn("a damaged model is left out model={} reason=\"{}\"", id, damaged.getMessage());
        }
        return null;
    }

    private int newest(String name) {
        int newest = 0;
        for (Cache.Entry<String, String> entry : cache()) {
            String id = entry.getKey();
            int at = id.indexOf('@');
            if (id.substring(0, at).equals(name)) {
                newest = Math.max(newest, Integer.parseInt(id.substring(at + 1)));
            }
        }
        return newest;
    }

    /** The greatest number that the tier has given to the name. */
    private static int taken(MetaStore store, String name) {
        MetaStore.Document latest = store.latest(kind(name));
        return Math.max(latest == null ? 0 : (int) latest.version(), number(numbers(store.latest(NUMBERS)), name));
    }

    private static Map<String, String> numbers(MetaStore.@Nullable Document document) {
        return document == null ? new TreeMap<>() : new TreeMap<>(ModelJson.readNames(document.text()));
    }

    private static int number(Map<String, String> numbers, String name) {
        return Integer.parseInt(numbers.getOrDefault(name, "0"));
    }

    private IgniteCache<String, String> cache() {
        return Caches.MODELS.in(ignite);
    }

    private static String kind(String name) {
        return "models/" + name;
    }
}

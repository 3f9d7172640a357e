package io.glucogrid.ml;

import io.glucogrid.grid.Caches;
import io.glucogrid.store.MetaStore;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import javax.cache.Cache;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.jspecify.annotations.Nullable;

/**
 * The versions themselves: immutable documents {@code models/<name>} in the tier and entries of the cache {@link Caches#MODELS}.
 *
 * <p>A number is never given twice: where the newest version of a name is removed, the tier's document {@code model-numbers}
 * remembers how far its name had come.
 */
final class ModelShelf {
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
            if (ModelPointers.published(store, kind, version, model.text())) {
                cache().putIfAbsent(model.id(), model.text());
                return model;
            }
        }
    }

    /** Takes a version out of the grid, so that nobody can begin to point at it. */
    void withdraw(StoredModel model) {
        cache().remove(model.id());
    }

    /** Puts what was withdrawn back. */
    void putBack(StoredModel model) {
        cache().putIfAbsent(model.id(), model.text());
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
            if (ModelPointers.published(store, NUMBERS, next, ModelJson.writeNames(numbers))) {
                store.remove(NUMBERS, Math.max(0, next - 2)); // whoever lists meanwhile finds one of two
                return;
            }
        }
    }

    /** Puts every version that the tier has of these names where it is absent. */
    void restore(Collection<String> names) {
        MetaStore store = meta.get();
        for (String name : names) {
            MetaStore.Document latest = store.latest(kind(name));
            for (long version = 1; latest != null && version <= latest.version(); version++) {
                MetaStore.Document stored = store.read(kind(name), version);
                if (stored != null) {
                    putBack(StoredModel.read(stored.text()));
                }
            }
        }
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

package io.glucogrid.serving;

import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.json.Json;
import io.glucogrid.store.MetaStore;
import io.glucogrid.store.OfflineStore;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which views have rows in the online store that history can give back, as the tier's {@code meta/} remembers it: {@code
 * {"views":{"name":"materialized"|"streamed"}}}. A cold start rebuilds exactly these views.
 */
final class OnlineStates {
    static final String MATERIALIZED = "materialized";
    static final String STREAMED = "streamed";

    private static final String META = "online-state";
    private static final int ATTEMPTS = 5;

    private final Supplier<OfflineStore> offline;

    OnlineStates(Supplier<OfflineStore> offline) {
        this.offline = offline;
    }

    /** State by view. */
    Map<String, String> all() {
        return states(offline.get().meta().latest(META));
    }

    /** Remembers a state of views; nothing is written where all of them have one already. */
    void mark(Collection<FeatureView> views, String state) {
        TreeSet<String> names = new TreeSet<>();
        views.forEach(view -> names.add(view.name()));
        change(states -> names.forEach(name -> states.putIfAbsent(name, state)));
    }

    /** Forgets all views. */
    void clear() {
        change(Map::clear);
    }

    private void change(Consumer<Map<String, String>> change) {
        for (int attempt = 1; ; attempt++) {
            MetaStore.Document current = offline.get().meta().latest(META);
            Map<String, String> states = states(current);
            Map<String, String> before = new TreeMap<>(states);
            change.accept(states);
            if (states.equals(before)) {
                return;
            }
            try {
                long version = current == null ? 1 : current.version() + 1;
                offline.get().meta().publish(META, version, Json.text(Map.of("views", states)));
                return;
            } catch (GridException conflict) {
                if (conflict.code() != ErrorCode.CONFLICT || attempt == ATTEMPTS) {
                    throw conflict;
                }
            }
        }
    }

    private static Map<String, String> states(MetaStore.@Nullable Document document) {
        Map<String, String> states = new TreeMap<>();
        if (document != null) {
            Map<String, @Nullable Object> views =
                    Json.object(Json.parseObject(document.text()).get("views"));
            if (views != null) {
                views.forEach((name, state) -> states.put(name, String.valueOf(state)));
            }
        }
        return states;
    }
}

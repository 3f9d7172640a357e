package io.glucogrid.serving;

import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.json.Json;
import io.glucogrid.store.MetaStore;
import io.glucogrid.store.OfflineStore;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What of the online store history can give back, as the tier's {@code meta/} remembers it: {@code
 * {"views":{"name":"materialized"|"streamed"},"watermarks":{"name":{"through":<micros>,"shape":"…"}}}}. A cold start rebuilds
 * exactly these views.
 */
final class OnlineStates {
    static final String MATERIALIZED = "materialized";
    static final String STREAMED = "streamed";

    private static final String META = "online-state";
    private static final String VIEWS = "views";
    private static final String WATERMARKS = "watermarks";
    private static final String THROUGH = "through";
    private static final String SHAPE = "shape";
    private static final int ATTEMPTS = 5;

    private final Supplier<OfflineStore> offline;

    OnlineStates(Supplier<OfflineStore> offline) {
        this.offline = offline;
    }

    /**
     * How far a view is materialized.
     *
     * @param throughMicros all rows ingested before this time are in the online store
     * @param shape which columns of which table they were then
     */
    record Watermark(long throughMicros, String shape) {}

    private record State(Map<String, String> views, Map<String, Watermark> watermarks) {}

    /** State by view. */
    Map<String, String> all() {
        return state(offline.get().meta().latest(META)).views();
    }

    /** Watermark by view. */
    Map<String, Watermark> watermarks() {
        return state(offline.get().meta().latest(META)).watermarks();
    }

    /** Remembers a state of views; nothing is written where all of them have one already. */
    void mark(Collection<FeatureView> views, String name) {
        TreeSet<String> names = new TreeSet<>();
        views.forEach(view -> names.add(view.name()));
        change(state -> names.forEach(view -> state.views().putIfAbsent(view, name)));
    }

    /** Moves watermarks forward; never back. */
    void advance(Map<String, Watermark> reached) {
        change(state -> reached.forEach((view, watermark) -> state.watermarks()
                .merge(
                        view,
                        watermark,
                        (known, next) ->
                                known.shape().equals(next.shape()) && known.throughMicros() > next.throughMicros()
                                        ? known
                                        : next)));
    }

    /** Forgets all views. */
    void clear() {
        change(state -> {
            state.views().clear();
            state.watermarks().clear();
        });
    }

    private void change(Consumer<State> change) {
        for (int attempt = 1; ; attempt++) {
            MetaStore.Document current = offline.get().meta().latest(META);
            State before = state(current);
            State after = state(current);
            change.accept(after);
            if (after.equals(before)) {
                return;
            }
            try {
                long version = current == null ? 1 : current.version() + 1;
                offline.get().meta().publish(META, version, Json.text(tree(after)));
                return;
            } catch (GridException conflict) {
                if (conflict.code() != ErrorCode.CONFLICT || attempt == ATTEMPTS) {
                    throw conflict;
                }
            }
        }
    }

    private static Map<String, Object> tree(State state) {
        Map<String, Object> watermarks = new LinkedHashMap<>();
        state.watermarks()
                .forEach((view, watermark) ->
                        watermarks.put(view, Map.of(THROUGH, watermark.throughMicros(), SHAPE, watermark.shape())));
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put(VIEWS, state.views());
        tree.put(WATERMARKS, watermarks);
        return tree;
    }

    private static State state(MetaStore.@Nullable Document document) {
        State state = new State(new TreeMap<>(), new TreeMap<>());
        if (document == null) {
            return state;
        }
        Map<String, @Nullable Object> tree = Json.parseObject(document.text());
        Map<String, @Nullable Object> views = Json.object(tree.get(VIEWS));
        if (views != null) {
            views.forEach((name, known) -> state.views().put(name, String.valueOf(known)));
        }
        Map<String, @Nullable Object> watermarks = Json.object(tree.get(WATERMARKS));
        if (watermarks != null) {
            watermarks.forEach((name, value) -> {
                Map<String, @Nullable Object> watermark = Json.object(value);
                if (watermark != null
                        && watermark.get(THROUGH) instanceof Long through
                        && watermark.get(SHAPE) instanceof String shape) {
                    state.watermarks().put(name, new Watermark(through, shape));
                }
            });
        }
        return state;
    }
}

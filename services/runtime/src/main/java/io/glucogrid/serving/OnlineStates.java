package io.glucogrid.serving;

import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.json.Json;
import io.glucogrid.store.MetaStore;
import io.glucogrid.store.OfflineStore;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What of the online store history can give back, as the tier's {@code meta/} remembers it: {@code
 * {"views":{"name":"materialized"|"streamed"|"pushed"},"watermarks":{"name":{"at":<micros>,"shape":"…","segments":"<id>"}},
 * "segments":{"<id>":["<digest>",…]}}}. A cold start rebuilds exactly these views.
 */
final class OnlineStates {
    static final String MATERIALIZED = "materialized";
    static final String STREAMED = "streamed";

    /** Into both stores. */
    static final String PUSHED = "pushed";

    private static final String META = "online-state";
    private static final String VIEWS = "views";
    private static final String WATERMARKS = "watermarks";
    private static final String AT = "at";
    private static final String SHAPE = "shape";
    private static final String SEGMENTS = "segments";
    private static final int ATTEMPTS = 5;

    private final Supplier<OfflineStore> offline;

    OnlineStates(Supplier<OfflineStore> offline) {
        this.offline = offline;
    }

    /**
     * How far a view is materialized.
     *
     * @param atMicros when that was, by the clock of the node that was asked; for people
     * @param shape which columns of which table the online rows had then
     * @param seen segments whose rows are in the online store
     */
    record Watermark(long atMicros, String shape, SeenSegments seen) {}

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

    /** Remembers watermarks. Of two runs at the same time either one is true. */
    void advance(Map<String, Watermark> reached) {
        change(state -> state.watermarks().putAll(reached));
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
        Map<SeenSegments, String> ids = new LinkedHashMap<>(); // views of one table have mostly seen the same
        state.watermarks().forEach((view, watermark) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put(AT, watermark.atMicros());
            one.put(SHAPE, watermark.shape());
            one.put(SEGMENTS, ids.computeIfAbsent(watermark.seen(), first -> String.valueOf(ids.size() + 1)));
            watermarks.put(view, one);
        });
        Map<String, Object> segments = new LinkedHashMap<>();
        ids.forEach((seen, id) -> segments.put(id, seen.texts()));
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put(VIEWS, state.views());
        tree.put(WATERMARKS, watermarks);
        tree.put(SEGMENTS, segments);
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
        Map<String, @Nullable Object> segments = Json.object(tree.get(SEGMENTS));
        if (watermarks != null && segments != null) {
            watermarks.forEach((name, value) -> {
                Map<String, @Nullable Object> watermark = Json.object(value);
                List<@Nullable Object> seen =
                        watermark == null ? null : Json.list(segments.get(String.valueOf(watermark.get(SEGMENTS))));
                if (watermark != null
                        && seen != null
                        && watermark.get(AT) instanceof Long at
                        && watermark.get(SHAPE) instanceof String shape) {
                    List<String> texts = seen.stream().map(String::valueOf).toList();
                    state.watermarks().put(name, new Watermark(at, shape, SeenSegments.ofTexts(texts)));
                }
            });
        }
        return state;
    }
}

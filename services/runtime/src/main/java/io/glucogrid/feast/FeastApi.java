package io.glucogrid.feast;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureTable;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Source;
import io.glucogrid.feature.ValueStatus;
import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.json.Json;
import io.glucogrid.metrics.FeastFigures;
import io.glucogrid.serving.FeatureRuntime;
import io.glucogrid.serving.OnlineAnswer;
import io.glucogrid.serving.Selection;
import io.glucogrid.value.Timestamps;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operations of Feast's feature server, on the same store as every other door.
 *
 * <p>Requests and answers have the shapes of Feast 0.66's HTTP server, so that its {@code remote} online store, a stock client and
 * anything that speaks to a Feast server work unmodified. Two things differ on purpose. A caller's mistake is always a 4xx, never
 * a 500: the stock client tries a 429 or 5xx three more times before it says anything. And where the column of event times is a
 * feature too, a client's write has that column twice, which Feast's own server refuses; here it is taken apart.
 *
 * <p>An error is a JSON text that holds {@code {"module":…,"class":…,"message":…}}; a client raises that exception. Materializing
 * in the background is remembered by this node only: a view that is being loaded here is refused a second time unless forced,
 * and doing it twice would change nothing.
 */
public final class FeastApi implements AutoCloseable {
    private static final String VIEW_NOT_FOUND = "FeatureViewNotFoundException";
    private static final String SERVICE_NOT_FOUND = "FeatureServiceNotFoundException";
    private static final String PUSH_SOURCE_NOT_FOUND = "PushSourceNotFoundException";
    private static final int BACKGROUND_THREADS = 2;
    private static final int MAX_WAITING_LOADS = 16;
    private static final int IDLE_SECONDS = 30;
    private static final Logger LOG = LoggerFactory.getLogger(FeastApi.class);

    private final Supplier<FeatureRuntime> store;
    private final FeastFigures figures;
    private final ThreadPoolExecutor background;
    private final Set<String> loading = ConcurrentHashMap.newKeySet();

    private FeastApi(Supplier<FeatureRuntime> store, FeastFigures figures, ThreadPoolExecutor background) {
        this.store = store;
        this.figures = figures;
        this.background = background;
    }

    /** The API over the node's feature store; {@code store} throws NOT_READY while there is none. */
    public static FeastApi over(Supplier<FeatureRuntime> store, FeastFigures figures) {
        ThreadPoolExecutor background = new ThreadPoolExecutor(
                BACKGROUND_THREADS,
                BACKGROUND_THREADS,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING_LOADS),
                task -> {
                    Thread thread = new Thread(task, "feast-materialize");
                    thread.setDaemon(true);
                    return thread;
                });
        background.allowCoreThreadTimeOut(true);
        return new FeastApi(store, figures, background);
    }

    @Override
    public void close() {
        background.shutdownNow();
    }

    /** {@code {"entities":{"key":[…]},"feature_service":"…" or "features":["view:feature"],"full_feature_names":false}}. */
    public FeastReply onlineFeatures(Map<String, @Nullable Object> request, Deadline deadline) {
        boolean byService = request.get("feature_service") != null;
        return answered(byService ? SERVICE_NOT_FOUND : VIEW_NOT_FOUND, () -> {
            boolean full = flag(request, "full_feature_names");
            if (!byService && request.get("features") == null) {
                throw invalid("one of 'feature_service' and 'features' is needed");
            }
            List<?> entities = Columns.rows(request, "entities", store.get().maxEntities());
            Selection selection = byService
                    ? Selection.of(text(request, "feature_service"))
                    : new Selection(null, texts(request, "features"), full);
            OnlineAnswer answer = store.get().online(selection, entities, deadline);
            count(answer);
            return FeastReply.of(200, Vectors.tree(answer, Vectors.names(answer, byService && full)));
        });
    }

    private void count(OnlineAnswer answer) {
        FeatureTable table = answer.table();
        figures.onlineRead(table.rows().length);
        Map<String, long[]> byView = new LinkedHashMap<>();
        for (int column = answer.joinKeys(); column < table.names().size(); column++) {
            if (answer.isStored(column)) {
                long[] counts = byView.computeIfAbsent(answer.view(column), view -> new long[2]);
                for (int row = 0; row < table.rows().length; row++) {
                    counts[answer.status(row, column) == ValueStatus.NOT_FOUND ? 1 : 0]++;
                }
            }
        }
        byView.forEach((view, counts) -> figures.statuses(view, counts[0], counts[1]));
    }

    /** {@code {"push_source_name":"…","df":{"column":[…]},"to":"online"}}: an empty answer once everything is stored. */
    public FeastReply push(Map<String, @Nullable Object> request, Deadline deadline) {
        return answered(PUSH_SOURCE_NOT_FOUND, () -> {
            String source = text(request, "push_source_name");
            String to = request.get("to") == null ? "online" : text(request, "to");
            store.get().push(source, to, frame(request, timeOfPushSource(source)), deadline);
            figures.push(source, to);
            return FeastReply.empty(200);
        });
    }

    /** {@code {"feature_view_name":"…","df":{"column":[…]}}}: null once everything is stored. */
    public FeastReply writeToOnlineStore(Map<String, @Nullable Object> request, Deadline deadline) {
        return answered(VIEW_NOT_FOUND, () -> {
            String view = text(request, "feature_view_name");
            store.get().writeOnline(view, frame(request, timeOfView(view)), deadline);
            return FeastReply.of(200, null);
        });
    }

    private List<Map<String, @Nullable Object>> frame(Map<String, @Nullable Object> request, String time) {
        return Columns.rows(request, "df", store.get().maxEntities(), time);
    }

    private String timeOfPushSource(String name) {
        Definitions definitions = store.get().definitions();
        return definitions.sources().get(name) instanceof Source.Push push
                ? doubledTime(definitions, definitions.viewsOfPushSource(push.name()))
                : "";
    }

    private String timeOfView(String name) {
        Definitions definitions = store.get().definitions();
        FeatureView view = definitions.views().get(name);
        return view == null ? "" : doubledTime(definitions, List.of(view));
    }

    /** The column of event times where it is a feature too, which a client writes twice; else no column. */
    private static String doubledTime(Definitions definitions, List<FeatureView> views) {
        for (FeatureView view : views) {
            String time = definitions.parquetSource(view).timestampField();
            if (view.features().stream().anyMatch(feature -> feature.name().equals(time))) {
                return time;
            }
        }
        return "";
    }

    /**
     * {@code {"start_ts":"…","end_ts":"…","feature_views":["…"] or null}}: the latest rows of that span of event time go online.
     *
     * @param inBackground whether to answer 202 at once
     * @param force whether a view that is being loaded in the background may be loaded once more
     */
    public FeastReply materialize(Map<String, @Nullable Object> request, boolean inBackground, boolean force) {
        return answered(VIEW_NOT_FOUND, () -> {
            boolean whole = flag(request, "disable_event_timestamp");
            long from = request.get("start_ts") == null || whole
                    ? Long.MIN_VALUE
                    : Timestamps.micros("start_ts", request.get("start_ts"));
            long to = whole ? Long.MAX_VALUE : Timestamps.micros("end_ts", request.get("end_ts"));
            if (from > to) {
                throw invalid("'start_ts' is after 'end_ts'");
            }
            return load(views(request), from, to, inBackground, force);
        });
    }

    /**
     * {@code {"end_ts":"…","feature_views":["…"] or null}}. The latest row up to then of every entity goes online whatever its age
     * or arrival, so nothing that came late is missed.
     */
    public FeastReply materializeIncremental(
            Map<String, @Nullable Object> request, boolean inBackground, boolean force) {
        return answered(VIEW_NOT_FOUND, () -> {
            long to = Timestamps.micros("end_ts", request.get("end_ts"));
            return load(views(request), Long.MIN_VALUE, to, inBackground, force);
        });
    }

    /** Views asked for, or all that are kept online. */
    private List<String> views(Map<String, @Nullable Object> request) {
        Map<String, FeatureView> known = store.get().definitions().views();
        if (request.get("feature_views") == null) {
            return known.values().stream()
                    .filter(FeatureView::online)
                    .map(FeatureView::name)
                    .toList();
        }
        List<String> views = texts(request, "feature_views");
        for (String view : views) {
            if (!known.containsKey(view)) {
                throw new GridException(ErrorCode.NOT_FOUND, "Feature view " + view + " does not exist");
            }
        }
        return views;
    }

    private FeastReply load(List<String> views, long from, long to, boolean inBackground, boolean force) {
        if (!inBackground) {
            loadNow(views, from, to);
            return FeastReply.of(200, null);
        }
        List<String> taken = new ArrayList<>();
        for (String view : views) {
            if (!loading.add(view) && !force) {
                loading.removeAll(taken);
                Map<String, Object> refusal = new LinkedHashMap<>();
                refusal.put("error", "Materialization of feature view " + view + " is already running");
                refusal.put("feature_views", views);
                return FeastReply.of(409, refusal);
            }
            taken.add(view);
        }
        try {
            background.execute(() -> loadQuietly(views, from, to));
        } catch (RejectedExecutionException full) {
            loading.removeAll(taken);
            throw new GridException(ErrorCode.OVERLOADED, "too many materializations are waiting; try again", full);
        }
        Map<String, Object> accepted = new LinkedHashMap<>();
        accepted.put("status", "accepted");
        accepted.put("feature_views", views);
        return FeastReply.of(202, accepted);
    }

    private void loadNow(List<String> views, long from, long to) {
        long start = System.nanoTime();
        boolean done = false;
        try {
            store.get().materialize(views, from, to, true);
            done = true;
        } finally {
            figures.materialized(views, done, System.nanoTime() - start);
        }
    }

    private void loadQuietly(List<String> views, long from, long to) {
        try {
            loadNow(views, from, to);
        } catch (RuntimeException failed) {
            LOG.error("background materialization failed views={}", views, failed);
        } finally {
            loading.removeAll(views);
        }
    }

    /** 200 where definitions are loaded, else 503. */
    public FeastReply health(boolean draining) {
        try {
            return FeastReply.empty(!draining && store.get().definitionsVersion() > 0 ? 200 : 503);
        } catch (GridException starting) {
            return FeastReply.empty(503);
        }
    }

    private static FeastReply answered(String notFound, Supplier<FeastReply> operation) {
        try {
            return operation.get();
        } catch (GridException failed) {
            if (failed.code().isCallersFault() || failed.code() == ErrorCode.NOT_READY) {
                LOG.debug("feast request refused code={} reason={}", failed.code(), failed.reason());
            } else {
                LOG.error("feast request failed code={} reason={}", failed.code(), failed.reason(), failed);
            }
            return FeastReply.error(failed, notFound);
        }
    }

    private static boolean flag(Map<String, @Nullable Object> request, String name) {
        Object value = request.get(name);
        if (value != null && !(value instanceof Boolean)) {
            throw invalid("'" + name + "' must be true or false");
        }
        return Boolean.TRUE.equals(value);
    }

    private static String text(Map<String, @Nullable Object> request, String name) {
        if (request.get(name) instanceof String text) {
            return text;
        }
        throw invalid("'" + name + "' must be a text");
    }

    private static List<String> texts(Map<String, @Nullable Object> request, String name) {
        List<@Nullable Object> values = Json.list(request.get(name));
        if (values == null || values.isEmpty() || !values.stream().allMatch(String.class::isInstance)) {
            throw invalid("'" + name + "' must be a list of texts");
        }
        return values.stream().map(String::valueOf).toList();
    }

    private static GridException invalid(String problem) {
        return new GridException(ErrorCode.INVALID_REQUEST, problem);
    }
}

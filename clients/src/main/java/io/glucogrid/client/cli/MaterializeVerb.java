package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.ApiAnswer;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code glucogrid materialize}: brings the online store up to the offline tier. */
@Command(
        name = "materialize",
        description =
                "Load the latest rows of the offline tier into the online store: those that came since the last time.")
public final class MaterializeVerb extends ApiVerb {
    private static final String OURS = "x-";
    private static final Duration POLL = Duration.ofMillis(300);
    private static final Duration STATUS = Duration.ofSeconds(5);

    @Option(names = "--view", paramLabel = "NAME", description = "A feature view; may be repeated. Default: all")
    private List<String> views = new ArrayList<>();

    @Option(
            names = "--start",
            paramLabel = "TIME",
            description = "Only rows whose event is not earlier; seconds or ISO-8601")
    private @Nullable String start;

    @Option(names = "--end", paramLabel = "TIME", description = "Only rows whose event is not later")
    private @Nullable String end;

    @Option(names = "--full", description = "Read all rows, not only those that came since the last time")
    private boolean full;

    @Override
    Duration patience() {
        return Duration.ofMinutes(10);
    }

    @Override
    int run(ApiClient client) {
        ObjectNode request = Json.object();
        if (!views.isEmpty()) {
            ArrayNode names = request.putArray("feature_views");
            views.forEach(names::add);
        }
        if (start != null) {
            time(request, "start_ts", start);
        }
        if (end != null) {
            time(request, "end_ts", end);
        }
        request.put("full", full); // with an end and without this it would be a request of Feast's
        ApiAnswer answer = withProgress(client, () -> client.post("/materialize", request));
        ObjectNode shown = answer.body().deepCopy();
        new TreeMap<>(answer.headers()).forEach((header, values) -> {
            String name = header.toLowerCase(Locale.ROOT);
            if (name.startsWith(OURS)) {
                shown.put(name.substring(OURS.length()).replace('-', '_'), String.join(",", values));
            }
        });
        return answer(shown, Shown.fields(shown));
    }

    private static void time(ObjectNode request, String name, String time) {
        if (time.matches("\\d{1,18}")) {
            request.put(name, Long.parseLong(time));
        } else {
            request.put(name, time);
        }
    }

    private interface Call {
        ApiAnswer make();
    }

    /** Shows how many buckets are done, on standard error, while the call lasts. */
    private static ApiAnswer withProgress(ApiClient client, Call call) {
        CountDownLatch done = new CountDownLatch(1);
        Thread watcher = new Thread(() -> watch(client.within(STATUS), done), "materialize-progress");
        watcher.setDaemon(true);
        watcher.start();
        try {
            return call.make();
        } finally {
            done.countDown();
            join(watcher);
        }
    }

    private static void watch(ApiClient client, CountDownLatch done) {
        @Nullable ProgressBar bar = null;
        try {
            while (!done.await(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                JsonNode run = running(client);
                if (run == null) {
                    continue;
                }
                if (bar == null) {
                    bar = new ProgressBarBuilder()
                            .setTaskName("materialize")
                            .setInitialMax(run.path("buckets").asLong())
                            .setConsumer(new ConsoleProgressBarConsumer(System.err, 80))
                            .build();
                }
                bar.stepTo(run.path("buckets_done").asLong());
                bar.setExtraMessage(" " + run.path("rows").asLong() + " rows");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            if (bar != null) {
                bar.close();
            }
        }
    }

    /** The run in hand; null where there is none, or none that the node tells of. */
    private static @Nullable JsonNode running(ApiClient client) {
        try {
            JsonNode runs = client.status().path("materializing");
            return runs.isEmpty() ? null : runs.get(0);
        } catch (GridException unknown) {
            return null;
        }
    }

    private static void join(Thread watcher) {
        try {
            watcher.join(STATUS.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

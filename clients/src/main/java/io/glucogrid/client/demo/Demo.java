package io.glucogrid.client.demo;

import io.glucogrid.client.ApiClient;
import io.glucogrid.client.GridStatus;
import io.glucogrid.client.Json;
import io.glucogrid.client.ThinGrid;
import io.glucogrid.client.process.Child;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.client.process.NodeFile;
import io.glucogrid.client.process.StopSignal;
import io.glucogrid.client.produce.ReadingProducer;
import io.glucogrid.client.produce.Replay;
import io.glucogrid.client.produce.Topics;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The demo: the whole line on one machine, run and watched by this process.
 *
 * <p>It goes through its steps in order, each with a deadline: broker, nodes, ready, data into the tier, definitions, readings
 * into the topic. While readings flow it shows both paths side by side, and starts again any node that dies; what the dead
 * node had taken in but not committed is read from Kafka again by whoever lives. After the last reading it asks
 * ({@link ArrivalCheck}) until everything has arrived or nothing moves any more, and only what the grid itself answers counts
 * as arrived: neither the producer's acknowledgements nor the live events do.
 *
 * <p>Whatever happens, {@link #close} takes everything down in the opposite order: producer, nodes, broker. Ctrl-C asks the
 * same of the running step and waits for it.
 */
final class Demo implements AutoCloseable {
    private static final Duration LOAD = Duration.ofMinutes(10);
    private static final Duration SETUP = Duration.ofSeconds(60);
    private static final Duration STILL = Duration.ofSeconds(45);
    private static final Duration STOP_EACH = Duration.ofSeconds(25);
    private static final Duration THIN = Duration.ofSeconds(10);
    private static final List<String> GROUPS = List.of("online", "offline");

    private final DemoOptions options;
    private final Launcher launcher;
    private final DemoOutput output;
    private final StopSignal stop = new StopSignal();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicBoolean closing = new AtomicBoolean();
    private final Thread interrupt = new Thread(this::interrupted, "demo-interrupt");
    private @Nullable Broker broker;
    private @Nullable Nodes nodes;
    private @Nullable Child helper;
    private @Nullable LiveFollower follower;

    Demo(DemoOptions options, Launcher launcher, DemoOutput output) {
        this.options = options;
        this.launcher = launcher;
        this.output = output;
    }

    /**
     * Runs the demo; null where it went on until it was interrupted.
     *
     * @throws GridException where a step failed
     * @throws CancellationException where it was interrupted before it was done
     */
    @Nullable
    DemoSummary run() {
        Runtime.getRuntime().addShutdownHook(interrupt);
        makeDirectories();
        output.say("work directory " + options.workDir());
        Broker kafka = startBroker();
        Nodes grid = startNodes(kafka);
        Path data = data();
        Replay replay = Replay.read(data, options.order());
        load(grid, data);
        ApiClient api = living(grid);
        output.say("definitions: "
                + api.within(SETUP)
                        .post("/setup", Json.object())
                        .body()
                        .path("message")
                        .asText());
        urls(kafka, grid);
        return flow(kafka, grid, replay);
    }

    /** Takes everything down in order; harmless when called twice. */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        try {
            if (follower != null) {
                follower.close();
            }
            if (helper != null) {
                helper.stop(STOP_EACH);
            }
            if (nodes != null) {
                nodes.stop(STOP_EACH);
            }
            if (broker != null) {
                broker.stop(STOP_EACH);
            }
        } finally {
            closed.countDown();
            forgetHook();
        }
    }

    private void makeDirectories() {
        try {
            Files.createDirectories(options.logs());
        } catch (IOException refused) {
            throw new GridException(
                    ErrorCode.STORAGE_UNAVAILABLE,
                    "cannot write to " + options.workDir() + ": " + refused.getMessage(),
                    refused);
        }
    }

    private Broker startBroker() {
        Broker kafka = Broker.start(launcher, options);
        broker = kafka;
        kafka.awaitReady(stop);
        output.say("kafka is up (pid " + kafka.pid() + "): " + kafka.bootstrap());
        return kafka;
    }

    private Nodes startNodes(Broker kafka) {
        Nodes grid = Nodes.of(launcher, options, output, kafka.bootstrap());
        nodes = grid;
        grid.start(stop);
        grid.awaitReady(stop);
        return grid;
    }

    private Path data() {
        Path given = options.data();
        if (given != null) {
            return given;
        }
        Path synthetic = options.workDir().resolve("synthetic.parquet");
        if (!Files.exists(synthetic)) {
            run(
                    "generate",
                    List.of(
                            "generate",
                            "--subjects",
                            "20",
                            "--days",
                            "7",
                            "--seed",
                            "1",
                            "--out",
                            synthetic.toString()));
        }
        return synthetic;
    }

    private void load(Nodes grid, Path data) {
        ApiClient api = living(grid);
        List<String> verb = new ArrayList<>(List.of("load", data.toString(), "--json"));
        verb.addAll(List.of("--tier", Nodes.tier(options), "--api", api.base().toString()));
        Child child = run("load", verb);
        String report = child.line("{");
        output.say("loaded " + data + (report == null ? "" : ": " + report));
    }

    /** Runs a verb to its end. */
    private Child run(String name, List<String> verb) {
        Child child = Child.start(launcher, name, verb, Map.of(), options.logs().resolve(name + ".log"));
        helper = child;
        stop.until(
                () -> !child.isAlive(),
                LOAD,
                () -> new GridException(
                        ErrorCode.DEADLINE_EXCEEDED, name + " took more than " + LOAD.toMinutes() + " min"));
        helper = null;
        if (child.exitCode() != 0) {
            throw new GridException(
                    ErrorCode.INTERNAL,
                    name + " failed with exit code " + child.exitCode() + "; the end of " + child.log() + ":\n"
                            + child.tail(25));
        }
        return child;
    }

    private ApiClient living(Nodes grid) {
        ApiClient api = grid.api();
        if (api == null) {
            throw new GridException(ErrorCode.NOT_READY, "no node is up");
        }
        return api;
    }

    private void urls(Broker kafka, Nodes grid) {
        for (NodeFile node : grid.up()) {
            output.say(node.name() + ": features " + node.api() + "  docs " + node.api() + "/docs  live " + node.api()
                    + "/live  Ignite REST http://localhost:" + node.restPort() + "/ignite  thin clients localhost:"
                    + node.thinPort());
        }
        output.say("kafka: " + kafka.bootstrap() + "  topic " + DemoOptions.TOPIC);
        output.say("another node: " + grid.joinCommand());
        output.say(options.rate() + " readings per second" + (options.isEndless() ? "; Ctrl-C ends" : ""));
    }

    private @Nullable DemoSummary flow(Broker kafka, Nodes grid, Replay replay) {
        LiveBoard board = LiveBoard.of(output, options.rate());
        follower = LiveFollower.start(grid::api, board);
        ProducedLog log = new ProducedLog(!options.isEndless());
        try (Topics topics = kafka.topics()) {
            long deadBefore = dead(topics);
            produce(kafka, grid, replay, board, log);
            if (options.isEndless()) {
                return null;
            }
            Arrivals arrivals = arrivals(kafka, grid, topics, ArrivalCheck.of(log, DemoOptions.TOPIC));
            return summary(grid, board, log, arrivals, dead(topics) - deadBefore);
        }
    }

    private static long dead(Topics topics) {
        return topics.ends(DemoOptions.TOPIC + ".dlq").values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private void produce(Broker kafka, Nodes grid, Replay replay, LiveBoard board, ProducedLog log) {
        long count = options.isEndless() ? Long.MAX_VALUE : options.readings();
        try (ReadingProducer producer = ReadingProducer.to(kafka.settings(), DemoOptions.TOPIC)) {
            CompletableFuture<Void> run =
                    CompletableFuture.runAsync(() -> producer.run(replay, options.rate(), count, log));
            try {
                while (!done(run)) {
                    kafka.checkAlive();
                    grid.check();
                    board.refresh(log.count());
                }
            } finally {
                producer.stop();
            }
        }
    }

    private boolean done(CompletableFuture<Void> run) {
        Duration step = Duration.ofMillis(output.isTerminal() ? 500 : 2_000);
        if (stop.isRequested()) {
            throw new CancellationException("asked to stop");
        }
        try {
            run.get(step.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (java.util.concurrent.TimeoutException running) {
            return false;
        } catch (java.util.concurrent.ExecutionException failed) {
            throw failed.getCause() instanceof GridException known ? known : new CompletionException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        }
    }

    /** Asks until everything has arrived, or until nothing has moved for a while. */
    private Arrivals arrivals(Broker kafka, Nodes grid, Topics topics, ArrivalCheck check) {
        Arrivals best = Arrivals.NONE;
        long moved = System.nanoTime();
        while (System.nanoTime() - moved < STILL.toNanos()) {
            kafka.checkAlive();
            grid.check();
            Arrivals now = ask(grid, topics, check);
            if (now.isComplete(check.readings(), check.subjects())) {
                return now;
            }
            if (now.sum() > best.sum()) {
                best = now;
                moved = System.nanoTime();
            }
            stop.pause(Duration.ofMillis(300));
        }
        return best;
    }

    private Arrivals ask(Nodes grid, Topics topics, ArrivalCheck check) {
        long online = tried(topics, connection -> check.committed(connection, GROUPS.get(0)));
        long offline = tried(topics, connection -> check.committed(connection, GROUPS.get(1)));
        ApiClient api = grid.api();
        if (online < check.readings() || offline < check.readings() || api == null) {
            return new Arrivals(online, offline, 0, 0, 0);
        }
        long subjects = tried(api, check::onlineSubjects);
        long asOf = tried(api, check::asOf);
        return new Arrivals(online, offline, asOf, rows(grid, check), subjects);
    }

    private long rows(Nodes grid, ArrivalCheck check) {
        List<String> addresses = new ArrayList<>();
        grid.up().forEach(node -> addresses.add("127.0.0.1:" + node.thinPort()));
        if (addresses.isEmpty()) {
            return 0;
        }
        return tried(addresses, from -> {
            try (ThinGrid thin = ThinGrid.connect(from, THIN)) {
                return check.rows(thin);
            }
        });
    }

    /** A count that the grid refused is none: it is asked again until the demo's patience ends, then the reason is shown. */
    private <T> long tried(T source, ToLongFunction<T> question) {
        try {
            return question.applyAsLong(source);
        } catch (GridException refused) {
            output.refresh("not yet: " + refused.reason());
            return 0;
        }
    }

    private DemoSummary summary(Nodes grid, LiveBoard board, ProducedLog log, Arrivals arrivals, long dead) {
        ApiClient api = grid.api();
        long segments = -1;
        double prediction = Double.NaN;
        if (api != null) {
            segments = tried(api, node -> GridStatus.of(node.status()).segments());
        }
        LiveEvent last = board.last();
        if (last != null) {
            prediction = last.expected();
        }
        return new DemoSummary(
                options.readings(),
                log.count(),
                log.latest().size(),
                arrivals,
                dead,
                DemoSummary.Times.of(board.online()),
                DemoSummary.Times.of(board.offline()),
                segments,
                prediction,
                grid.restarts());
    }

    /** On Ctrl-C and SIGTERM: asks the running step to end, and waits until everything is down. */
    private void interrupted() {
        stop.request();
        try {
            if (!closed.await(90, TimeUnit.SECONDS)) {
                output.say("demo: not everything could be stopped; see " + options.logs());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void forgetHook() {
        if (!stop.isRequested()) {
            try {
                Runtime.getRuntime().removeShutdownHook(interrupt);
            } catch (IllegalStateException ending) {
                output.say("demo: ending");
            }
        }
    }
}

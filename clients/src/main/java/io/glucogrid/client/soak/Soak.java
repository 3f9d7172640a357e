package io.glucogrid.client.soak;

import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.client.produce.Topics;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Readings through a grid that something happens to every minute, and then a judge.
 *
 * <p>While the driver sends, faults strike in turn; each is healed before the next. The longest time without an answered read
 * of any partition and the nodes' memory are watched all the time. At the end every reading must have been acknowledged,
 * committed by both groups, and be readable, and the tier's files must be sound.
 */
final class Soak {
    private static final long FIRST_SUBJECT = 700_000_000;
    private static final int SUBJECTS = 1_000;
    private static final int STEP_SECONDS = 300;
    private static final Duration SETTLE = Duration.ofMinutes(10);
    private static final Duration FIRST = Duration.ofMinutes(2);
    private static final Duration TRAINED = Duration.ofMinutes(2);
    private static final Duration MEASURE_EVERY = Duration.ofMinutes(1);
    private static final long LOOK_SECONDS = 2;
    private static final List<Fault> FAULTS = List.of(
            Fault.KILL_NODE,
            Fault.KILL_BROKER,
            Fault.KILL_COORDINATOR,
            Fault.PAUSE_NODE,
            Fault.ROLLING_RESTART,
            Fault.KILL_MOST);

    private final SoakOptions options;
    private final Launcher launcher;
    private final InstantSource clock;
    private final Consumer<String> progress;

    Soak(SoakOptions options, Launcher launcher, InstantSource clock, Consumer<String> progress) {
        this.options = options;
        this.launcher = launcher;
        this.clock = clock;
        this.progress = progress;
    }

    /**
     * Runs it.
     *
     * @throws GridException where the grid does not start or heal, or does not take in the readings in time
     */
    SoakReport run() throws InterruptedException {
        try (GridProcesses grid = new GridProcesses(launcher, options.work(), options.nodes(), Map.of())) {
            progress.accept("starting a broker and " + options.nodes() + " nodes in " + options.work());
            grid.start();
            return soaked(grid);
        }
    }

    private SoakReport soaked(GridProcesses grid) throws InterruptedException {
        long span = options.readings() / SUBJECTS * STEP_SECONDS;
        NumberedReadings readings =
                new NumberedReadings(FIRST_SUBJECT, SUBJECTS, clock.instant().getEpochSecond() - span, STEP_SECONDS);
        long startNanos = System.nanoTime();
        try (Topics topics = grid.topics();
                Driver driver = Driver.start(
                        grid.kafka(), GridProcesses.TOPIC, readings, options.perSecond(), options.readings())) {
            driver.awaitFirst(Math.min(SUBJECTS, options.readings()), FIRST);
            driver.hold();
            Judge.awaitCommitted(topics, GridProcesses.TOPIC, FIRST);
            driver.goOn();
            MemoryWatch memory = new MemoryWatch();
            List<String> faults = new ArrayList<>();
            try (Availability watch = Availability.watch(readings, grid::addresses)) {
                strike(grid, driver, memory, faults, startNanos);
                driver.end();
                driver.awaitAcknowledged(SETTLE);
                progress.accept(driver.sent() + " readings sent; waiting for both groups");
                Judge.awaitCommitted(topics, GridProcesses.TOPIC, SETTLE);
                long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos);
                memory.sample(grid.up());
                memory.measure(grid.up());
                progress.accept("committed after " + seconds + " s; reading everything");
                Verdict verdict = new Judge(readings, driver.numbers(), grid.addresses()).verdict(watch);
                if (!watch.example().isEmpty()) {
                    progress.accept("denied: " + watch.example());
                }
                return new SoakReport(options, verdict, faults, seconds, memory, grid.verifyTier());
            }
        }
    }

    private void strike(GridProcesses grid, Driver driver, MemoryWatch memory, List<String> faults, long startNanos)
            throws InterruptedException {
        long end = startNanos + options.limit().toNanos();
        boolean faulty = !options.faultEvery().isZero();
        long gap = (faulty ? options.faultEvery() : MEASURE_EVERY).toNanos();
        long next = System.nanoTime() + gap;
        while (driver.sent() < options.readings() && System.nanoTime() < end) {
            TimeUnit.SECONDS.sleep(LOOK_SECONDS);
            memory.sample(grid.up());
            if (System.nanoTime() >= next) {
                if (faults.isEmpty()) {
                    train(grid);
                }
                memory.measure(grid.up());
                if (faulty) {
                    Fault fault = FAULTS.get(faults.size() % FAULTS.size());
                    long began = System.nanoTime();
                    fault.strikeAndHeal(grid, faults.size());
                    faults.add(fault.label());
                    progress.accept(fault.label() + " healed in "
                            + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) + " ms; acknowledged "
                            + driver.acknowledged());
                }
                next = System.nanoTime() + gap;
            }
        }
    }

    /** Forecasts show the states of the subjects to the judge; without a model there are none. */
    private void train(GridProcesses grid) {
        try {
            ApiClient.of(grid.address(0), TRAINED)
                    .post("/models/train", Json.object().put("kind", "v4"));
        } catch (GridException tooEarly) {
            progress.accept("no forecasts to compare: " + tooEarly.reason());
        }
    }
}

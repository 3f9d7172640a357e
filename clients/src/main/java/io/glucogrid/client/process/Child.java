package io.glucogrid.client.process;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A process that this one started. What it prints goes to a log file; it is only ever stopped by its own handle. */
public final class Child {
    private static final int TAIL_BYTES = 64 * 1024;

    private final String name;
    private final Process process;
    private final Path log;
    private final long logStart;

    private Child(String name, Process process, Path log, long logStart) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.logStart = logStart;
    }

    /**
     * Starts a verb.
     *
     * @param environment added to this process's own; an empty value removes a variable
     * @param log appended to
     * @throws GridException INTERNAL where the process cannot be started
     */
    public static Child start(
            Launcher launcher, String name, List<String> verb, Map<String, String> environment, Path log) {
        List<String> command = new ArrayList<>(ownSession());
        command.addAll(launcher.command(verb));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        environment.forEach((key, value) -> {
            if (value.isEmpty()) {
                builder.environment().remove(key);
            } else {
                builder.environment().put(key, value);
            }
        });
        try {
            Files.createDirectories(log.toAbsolutePath().getParent());
            long start = Files.exists(log) ? Files.size(log) : 0;
            return new Child(name, builder.start(), log, start);
        } catch (IOException failed) {
            throw new GridException(
                    ErrorCode.INTERNAL,
                    "cannot start " + name + " (" + command.get(0) + "): " + failed.getMessage(),
                    failed);
        }
    }

    /** A Ctrl-C reaches every process of the terminal's group at once; children in a session of their own end in our order. */
    private static List<String> ownSession() {
        for (String place : List.of("/usr/bin/setsid", "/bin/setsid")) {
            if (Files.isExecutable(Path.of(place))) {
                return List.of(place);
            }
        }
        return List.of();
    }

    /** Kills this process, and whatever it started, when the one that started it ends, on a signal too. */
    public Child endingWithUs() {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(this::kill, "end-" + name));
        } catch (IllegalStateException endingAlready) {
            kill();
        }
        return this;
    }

    public String name() {
        return name;
    }

    public long pid() {
        return process.pid();
    }

    public Path log() {
        return log;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Whether {@code pid} is this process or one that it started. */
    public boolean runs(long pid) {
        return process.pid() == pid || process.descendants().anyMatch(descendant -> descendant.pid() == pid);
    }

    /** Exit code of a process that has ended. */
    public int exitCode() {
        return process.exitValue();
    }

    /** Waits for the end; false where the process still runs after {@code time}. */
    public boolean awaitEnd(Duration time) throws InterruptedException {
        return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Asks the process to end, in order, and tells nobody that it started. */
    public void ask() {
        process.destroy();
    }

    /** Ends the process and whatever it started, as {@code kill -9} does, and returns at once. */
    public void kill() {
        List<ProcessHandle> started = process.descendants().toList();
        process.destroyForcibly();
        started.forEach(ProcessHandle::destroyForcibly);
    }

    /** Asks the process to end, and ends it where it has not after {@code time}. */
    public void stop(Duration time) {
        List<ProcessHandle> started = process.descendants().toList();
        process.destroy();
        started.forEach(ProcessHandle::destroy);
        boolean ended = false;
        try {
            ended = awaitEnd(time);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            process.destroyForcibly();
        }
        started.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
    }

    /** The first line that this process printed and that starts with {@code prefix}; null where there is none yet. */
    public @Nullable String line(String prefix) {
        for (String line : printed().split("\n", -1)) {
            if (line.startsWith(prefix)) {
                return line.strip();
            }
        }
        return null;
    }

    /** The last lines that this process printed. */
    public String tail(int lines) {
        String[] all = printed().stripTrailing().split("\n", -1);
        int from = Math.max(0, all.length - lines);
        return String.join("\n", List.of(all).subList(from, all.length));
    }

    private String printed() {
        try (java.io.RandomAccessFile file = new java.io.RandomAccessFile(log.toFile(), "r")) {
            long from = Math.max(logStart, file.length() - TAIL_BYTES);
            file.seek(from);
            byte[] bytes = new byte[(int) Math.max(0, file.length() - from)];
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException notThere) {
            return "";
        }
    }
}

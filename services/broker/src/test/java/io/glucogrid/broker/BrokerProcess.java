package io.glucogrid.broker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The broker in a JVM of its own, as it is really run. */
final class BrokerProcess implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("kafka ready on localhost:(\\d+) .*");

    private final Process process;
    private final CompletableFuture<Integer> port = new CompletableFuture<>();
    private final StringBuffer output = new StringBuffer();

    private BrokerProcess(Process process) {
        this.process = process;
    }

    static BrokerProcess start(Path data, int port) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Broker.class.getName(),
                "--port",
                Integer.toString(port),
                "--data",
                data.toString(),
                "--topic",
                "numbers",
                "--partitions",
                "3");
        BrokerProcess broker = new BrokerProcess(
                new ProcessBuilder(command).redirectErrorStream(true).start());
        Thread reader = new Thread(broker::read, "broker-output");
        reader.setDaemon(true);
        reader.start();
        return broker;
    }

    /** Waits for the line that says that clients may start; returns the port. */
    int awaitReady() throws Exception {
        return port.get(60, TimeUnit.SECONDS);
    }

    /** Waits for the end of the process; returns its exit code. */
    int awaitExit() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("still running: " + output);
        }
        return process.exitValue();
    }

    String output() {
        return output.toString();
    }

    void terminate() {
        process.destroy();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            while (line != null) {
                output.append(line).append('\n');
                Matcher ready = READY.matcher(line);
                if (ready.matches()) {
                    port.complete(Integer.valueOf(ready.group(1)));
                }
                line = lines.readLine();
            }
        } catch (IOException ended) {
            output.append(ended);
        }
        port.completeExceptionally(new IllegalStateException("the broker ended: " + output));
    }
}

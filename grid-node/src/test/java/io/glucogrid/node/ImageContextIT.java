package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be known about the image without an engine that builds it: its context is the distribution. */
class ImageContextIT {
    private static final Path DISTRIBUTION = Path.of(System.getProperty("glucogrid.home"));
    private static final Path SOURCES = Path.of("..", "docker");

    @TempDir
    private Path folder;

    /** Instructions with their continuation lines joined. */
    private static List<String> instructions() throws IOException {
        List<String> instructions = new ArrayList<>();
        StringBuilder open = new StringBuilder();
        for (String line : Files.readAllLines(SOURCES.resolve("Dockerfile"))) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            open.append(line.endsWith("\\") ? line.substring(0, line.length() - 1) : line);
            if (!line.endsWith("\\")) {
                instructions.add(open.toString());
                open.setLength(0);
            }
        }
        return instructions;
    }

    private static String only(String word) throws IOException {
        List<String> found = instructions().stream()
                .filter(line -> line.startsWith(word + " "))
                .toList();
        assertThat(found).as(word).hasSize(1);
        return found.get(0).substring(word.length() + 1);
    }

    @Test
    void everyPathThatTheImageCopiesIsInTheDistribution() throws Exception {
        int copies = 0;
        for (String line : instructions()) {
            if (line.startsWith("COPY ")) {
                String[] words = line.split("\\s+");
                for (int i = 1; i < words.length - 1; i++) {
                    assertThat(DISTRIBUTION.resolve(words[i])).as(line).exists();
                    copies++;
                }
            }
        }
        assertThat(copies).isGreaterThanOrEqualTo(6);
    }

    @Test
    void theImageRunsAsNobodyStopsOnTheSignalOfTheNodeAndTellsItsHealth() throws Exception {
        assertThat(only("USER")).matches("[1-9]\\d+:[1-9]\\d+");
        assertThat(only("STOPSIGNAL")).isEqualTo("SIGTERM");
        assertThat(only("FROM")).isEqualTo("${BASE}");
        assertThat(only("ARG")).matches("BASE=[a-z0-9-]+:[a-z0-9.-]+"); // a plain name, no registry's host
        assertThat(only("CMD")).isEqualTo("[\"node\", \"--env\", \"docker\"]");
        for (String word : List.of("ENTRYPOINT", "HEALTHCHECK")) {
            Matcher script = Pattern.compile("\\[\"/opt/glucogrid/(\\S+)\"]").matcher(only(word));
            assertThat(script.find()).as(word).isTrue();
            assertThat(DISTRIBUTION.resolve(script.group(1))).isExecutable();
        }
    }

    /** As in a container: nothing but the distribution, an empty environment, a directory of its own. */
    @Test
    void theEntryPointRunsVerbsWithNothingButTheDistribution() throws Exception {
        Process process =
                run(Map.of(), DISTRIBUTION.resolve("docker/entrypoint").toString(), "--version");
        assertThat(process.exitValue()).isZero();
        assertThat(output()).startsWith("glucogrid ");
    }

    @Test
    void theHealthCheckFollowsTheStatusOfReady() throws Exception {
        String script = DISTRIBUTION.resolve("docker/healthcheck").toString();
        int[] status = {200};
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        server.createContext("/ready", exchange -> {
            exchange.sendResponseHeaders(status[0], -1);
            exchange.close();
        });
        server.start();
        try {
            Map<String, String> port =
                    Map.of("GRID_HTTP_PORT", String.valueOf(server.getAddress().getPort()));
            assertThat(run(port, script).exitValue()).isZero();
            status[0] = 503;
            assertThat(run(port, script).exitValue()).isNotZero();
            server.stop(0);
            assertThat(run(port, script).exitValue()).isNotZero();
        } finally {
            server.stop(0);
        }
    }

    private Process run(Map<String, String> environment, String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output.txt").toFile());
        builder.environment().clear();
        builder.environment().put("PATH", System.getenv("PATH"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process;
    }

    private String output() throws IOException {
        return Files.readString(folder.resolve("output.txt"));
    }
}

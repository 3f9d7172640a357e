package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.ignite.Ignition;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.configuration.ClientConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built distribution, as a user runs it: processes, output, exit codes. */
class NodeProcessIT {
    private static final Path LAUNCHER = Path.of(System.getProperty("glucogrid.home"), "glucogrid");

    @TempDir
    private Path directory;

    private final List<Process> started = new ArrayList<>();
    private List<Integer> discovery = List.of();

    @BeforeEach
    void findPorts() {
        discovery = TestGrid.freePorts(2);
    }

    @AfterEach
    void endProcesses() {
        started.forEach(Process::destroyForcibly);
    }

    private Process glucogrid(Map<String, String> settings, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
        command.addAll(List.of(arguments));
        Path place = Files.createDirectories(directory.resolve("some where"));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(place.toFile())
                .redirectOutput(output(started.size()).toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(errors().toFile()));
        builder.environment().keySet().removeIf(key -> key.startsWith("GRID_"));
        builder.environment().putAll(settings);
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private Path errors() {
        return directory.resolve("stderr.txt");
    }

    private Process node(int index) throws IOException, URISyntaxException {
        return node(index, Map.of());
    }

    private Process node(int index, Map<String, String> more, String... arguments)
            throws IOException, URISyntaxException {
        List<Integer> free = TestGrid.freePorts(4);
        Path bare = Path.of(
                NodeProcessIT.class.getResource("/glucogrid/test/bare.xml").toURI());
        Map<String, String> settings = new HashMap<>(more);
        settings.put("GRID_DISCOVERY_PORT", discovery.get(index).toString());
        settings.put("GRID_PEERS", "127.0.0.1:" + discovery.get(0) + ",127.0.0.1:" + discovery.get(1));
        settings.put("GRID_REST_PORT", free.get(0).toString());
        settings.put("GRID_CONNECTOR_PORT", free.get(1).toString());
        settings.put("GRID_THIN_PORT", free.get(2).toString());
        settings.put("GRID_COMMUNICATION_PORT", free.get(3).toString());
        List<String> command = new ArrayList<>(List.of("node", "--json", "--env", bare.toString()));
        command.addAll(List.of(arguments));
        return glucogrid(settings, command.toArray(String[]::new));
    }

    /** What the process with that place in the order of starts printed. */
    private Path output(int index) {
        return directory.resolve("stdout-" + index + ".txt");
    }

    private JsonNode answer(int index) throws IOException {
        await().atMost(Duration.ofSeconds(60))
                .alias("an answer of process " + index)
                .failFast(() -> !started.get(index).isAlive())
                .until(() -> Files.readString(output(index)).endsWith("\n"));
        assertThat(output(index)).content().hasLineCount(1);
        return new ObjectMapper().readTree(output(index).toFile());
    }

    private void stop(Process process) throws Exception {
        process.destroy();
        assertThat(process.waitFor(30, TimeUnit.SECONDS))
                .as(Files.readString(errors()))
                .isTrue();
        assertThat(process.exitValue()).as(Files.readString(errors())).isZero();
    }

    @Test
    void twoNodesJoinAnswerAndStopInOrder() throws Exception {
        Process first = node(0);
        JsonNode one = answer(0);
        assertThat(one.get("pid").asLong()).isEqualTo(first.pid());
        assertThat(one.get("nodes").asInt()).isEqualTo(1);
        assertThat(one.get("work_dir").asText()).endsWith("some where/.glucogrid");
        Path infoFile =
                Path.of(one.get("work_dir").asText(), "nodes", one.get("name").asText() + ".json");
        assertThat(new ObjectMapper().readTree(infoFile.toFile())).isEqualTo(one);

        HttpRequest version = HttpRequest.newBuilder(URI.create(one.get("rest").asText() + "?cmd=version"))
                .timeout(Duration.ofSeconds(10))
                .build();
        assertThat(HttpClient.newHttpClient()
                        .send(version, HttpResponse.BodyHandlers.ofString())
                        .body())
                .contains("2.17.0");

        Process second = node(1);
        JsonNode two = answer(1);
        assertThat(two.get("nodes").asInt()).isEqualTo(2);
        assertThat(two.get("name")).isNotEqualTo(one.get("name"));
        ClientConfiguration thin = new ClientConfiguration().setAddresses("127.0.0.1:" + one.get("thin_port"));
        try (IgniteClient client = Ignition.startClient(thin)) {
            client.cache("active-models").put("m", "m@1");
            stop(second);
            assertThat(client.cache("active-models").get("m")).isEqualTo("m@1");
        }
        stop(first);

        assertThat(infoFile).doesNotExist();
        assertThat(output(0)).content().as("standard output").hasLineCount(1);
        assertThat(Files.readString(errors()))
                .contains("leaving the grid", "stopped")
                .doesNotContain("Exception");
    }

    @Test
    @Tag("faults")
    void aNodeThatLosesItsMajorityEndsWithExitCode75() throws Exception {
        Map<String, String> two = Map.of("GRID_EXPECTED_NODES", "2");
        Process first = node(0, two);
        answer(0);
        Process second = node(1, two);
        answer(1);

        second.destroyForcibly();

        assertThat(first.waitFor(30, TimeUnit.SECONDS))
                .as(Files.readString(errors()))
                .isTrue();
        assertThat(first.exitValue()).as(Files.readString(errors())).isEqualTo(75);
        assertThat(Files.readString(errors())).contains("1 of 2 nodes: no majority any more: ending, to join again");
    }

    @Test
    @Tag("faults")
    void aRestartedNodeWaitsForATierThatIsAway() throws Exception {
        Path tier = directory.resolve("tier");
        Map<String, String> settings = Map.of("GRID_OFFLINE_URI", tier.toString());
        Process launcher = node(0, settings, "--restart");
        JsonNode before = answer(0);
        Path infoFile = Path.of(
                before.get("work_dir").asText(), "nodes", before.get("name").asText() + ".json");
        Files.move(tier, directory.resolve("tier-away"));
        Files.createFile(tier);

        ProcessHandle.of(before.get("pid").asLong()).orElseThrow().destroyForcibly();

        await().atMost(Duration.ofSeconds(60))
                .until(() -> Files.readString(errors()).contains("exit code 1; starting it again in 2 s"));
        Files.delete(tier);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> Files.exists(infoFile)
                        && new ObjectMapper()
                                        .readTree(infoFile.toFile())
                                        .get("pid")
                                        .asLong()
                                != before.get("pid").asLong());
        stop(launcher);
    }

    @Test
    @Tag("faults")
    void aNodeWithAnotherWorkDirectoryTakesAnotherName() throws Exception {
        Map<String, String> elsewhere =
                Map.of("GRID_WORK_DIR", directory.resolve("elsewhere").toString());
        Process first = node(0);
        JsonNode one = answer(0);
        Process second = node(1, elsewhere);
        JsonNode two = answer(1);

        assertThat(two.get("nodes").asInt()).isEqualTo(2);
        assertThat(two.get("name").asText())
                .endsWith("-2")
                .isNotEqualTo(one.get("name").asText());
        stop(second);

        Map<String, String> sameName = new HashMap<>(elsewhere);
        sameName.put("GRID_NODE_NAME", one.get("name").asText());
        Process third = node(1, sameName);
        assertThat(third.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(third.exitValue()).isEqualTo(1);
        assertThat(Files.readString(errors())).contains("already; give this one another GRID_NODE_NAME");
        stop(first);
    }

    @Test
    void aWrongSettingEndsTheProcessWithOneSentence() throws Exception {
        Process process = glucogrid(Map.of("GRID_HTP_PORT", "1"), "node");

        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(Files.readString(errors()))
                .contains("GRID_HTP_PORT is not a setting (did you mean 'GRID_HTTP_PORT'?)")
                .hasLineCount(1);
    }

    @Test
    void aStartThatFailsHalfWayEndsTheProcess() throws Exception {
        Process process = glucogrid(
                Map.of(
                        "GRID_REGION_MB",
                        "1",
                        "GRID_DISCOVERY_PORT",
                        discovery.get(0).toString()),
                "node",
                "--env",
                Path.of(NodeProcessIT.class
                                .getResource("/glucogrid/test/bare.xml")
                                .toURI())
                        .toString());

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(Files.readString(errors()))
                .contains("the node did not start")
                .doesNotContain("\tat ");
    }

    @Test
    void anUnknownVerbIsWrongUsage() throws Exception {
        Process process = glucogrid(Map.of(), "nod");

        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(2);
        assertThat(Files.readString(errors())).contains("Did you mean: glucogrid node");
    }
}

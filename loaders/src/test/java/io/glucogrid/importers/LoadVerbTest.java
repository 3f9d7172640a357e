package io.glucogrid.importers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class LoadVerbTest {
    @TempDir
    private Path folder;

    private Path file;
    private String output = "";
    private String errors = "";

    @BeforeEach
    void writeReadings() throws Exception {
        file = folder.resolve("readings.parquet");
        SyntheticReadings.write(file, SyntheticReadings.Spec.of(Preset.HEALTHY, 3, 2, 1), done -> {});
    }

    private int load(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new CommandLine(new LoadVerb())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        output = out.toString();
        errors = err.toString();
        return code;
    }

    @Test
    void aRunningGridIsToldToLookAgain() throws Exception {
        List<String> requests = new CopyOnWriteArrayList<>();
        HttpServer grid = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        grid.createContext("/", exchange -> {
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        grid.start();
        try {
            String api = "http://127.0.0.1:" + grid.getAddress().getPort() + "/";
            assertThat(load(file.toString(), "--tier", folder.resolve("tier").toString(), "--json", "--api", api))
                    .isZero();
            assertThat(requests).containsExactly("GET /status", "POST /segments/relist");
            assertThat(output).contains("\"grid_told\":true").contains("\"added\":1");
        } finally {
            grid.stop(0);
        }
    }

    @Test
    void theTierOfARunningGridIsTakenUnlessAnotherIsNamed() throws Exception {
        assumeTrue(System.getenv("GRID_OFFLINE_URI") == null, "the environment names a tier");
        Path tier = Files.createDirectory(folder.resolve("of-the-grid"));
        HttpServer grid = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        grid.createContext("/status", exchange -> {
            byte[] status = ("{\"tier\":{\"uri\":\"" + tier.toUri() + "\"}}").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, status.length);
            exchange.getResponseBody().write(status);
            exchange.close();
        });
        grid.start();
        try {
            String api = "http://127.0.0.1:" + grid.getAddress().getPort();
            assertThat(load(file.toString(), "--api", api)).isZero();
            assertThat(errors).contains("using the tier of the grid");
            assertThat(tier.resolve("readings")).isDirectory();
            assertThat(load(file.toString(), "--api", api, "--tier", tier.toString()))
                    .isZero();
            assertThat(errors).doesNotContain("another tier");
            assertThat(load(
                            file.toString(),
                            "--api",
                            api,
                            "--dry-run",
                            "--tier",
                            folder.resolve("own").toString()))
                    .isZero();
            assertThat(errors).contains("warning").contains("uses another tier, " + tier.toUri());
        } finally {
            grid.stop(0);
        }
    }

    @Test
    void withoutAGridTheLoadSaysSoAndIsDone() {
        int code = load(file.toString(), "--tier", folder.resolve("tier").toString(), "--api", "http://127.0.0.1:1");
        assertThat(code).isZero();
        assertThat(errors).contains("nothing listens at http://127.0.0.1:1");
        assertThat(output)
                .contains("kept as read")
                .contains("already in the tier")
                .contains("added");
    }

    @Test
    void whatIsWrongIsSaidInOneLine() throws Exception {
        assertThat(load("none.parquet", "--tier", folder.resolve("tier").toString(), "--api", "http://127.0.0.1:1"))
                .isEqualTo(1);
        assertThat(errors).isEqualTo("load: file none.parquet does not exist" + System.lineSeparator());
        Path notAFolder = Files.createFile(folder.resolve("file"));
        assertThat(load(file.toString(), "--tier", notAFolder.toString())).isEqualTo(1);
        assertThat(errors).contains(notAFolder + " is not a folder");
        assertThat(load(file.toString(), "--tier", "ftp://host/tier")).isEqualTo(1);
        assertThat(errors).contains("must be a path or start with file:, hdfs: or s3a:");
    }
}

package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.importers.LoadVerb;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A folder of somebody else, declared as a source whose entities have names: loaded, joined and served. */
@ExtendWith(ThreeNodes.class)
class ForeignSourceGridTest {
    @TempDir
    private Path folder;

    private List<ApiCaller> nodes;

    @BeforeEach
    void waitUntilReady(TestGrid shared) {
        nodes = List.of(ready(shared.node(0)), ready(shared.node(1)), ready(shared.node(2)));
    }

    /** Other tests of the shared grid expect the shipped definitions. */
    @AfterEach
    void applyTheShippedDefinitions() {
        nodes.get(0).posted("/setup", "");
    }

    private static ApiCaller ready(GridNode node) {
        ApiCaller caller = new ApiCaller(URI.create(node.info().api()));
        await().atMost(Duration.ofSeconds(60)).until(() -> caller.get("/ready").statusCode() == 200);
        return caller;
    }

    private static String shipped() throws IOException {
        try (InputStream in =
                ForeignSourceGridTest.class.getClassLoader().getResourceAsStream("glucogrid/features.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void declare() throws IOException {
        String text = shipped();
        for (Map.Entry<String, String> part : Map.of(
                        "entities:\n", "  pump: {join_keys: [pump], value_type: STRING}\n",
                        "sources:\n",
                                "  pump_files: {kind: parquet, table: pumps, path: '" + folder
                                        + "', timestamp_field: at}\n",
                        "feature_views:\n",
                                "  pumps: {entities: [pump], source: pump_files, schema: {units: DOUBLE, model: STRING}}\n",
                        "feature_services:\n", "  pump_service: [pumps]\n")
                .entrySet()) {
            text = text.replaceFirst("(?m)^" + part.getKey(), part.getKey() + part.getValue());
        }
        ObjectNode body = ApiCaller.JSON.createObjectNode();
        body.putObject("files").put("features.yaml", text);
        assertThat(nodes.get(1)
                        .send("POST", "/definitions/apply", "application/json", body.toString())
                        .statusCode())
                .isEqualTo(200);
    }

    private JsonNode load() throws IOException {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new CommandLine(new LoadVerb())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(
                        "--source",
                        "pump_files",
                        "--json",
                        "--api",
                        nodes.get(0).api().toString());
        assertThat(code).as(err.toString()).isZero();
        return ApiCaller.JSON.readTree(out.toString());
    }

    @Test
    void whatAFolderHasIsInHistoryAtOnceAndOnlineOnceItIsMaterialized() throws Exception {
        declare();
        Files.writeString(
                folder.resolve("january.csv"),
                """
                pump,at,units,model
                a,2014-02-05 06:00:00,1.5,x
                b,2014-02-05T06:00:00Z,7,"y, 2"
                a,2014-02-05 07:00:00+01:00,,
                ,2014-02-05 08:00:00,1,
                a,2014-02-05 09:00:00,2.5,z
                """);
        JsonNode first = load();
        assertThat(first.at("/grid_told").asBoolean()).isTrue();
        assertThat(first.at("/files/0/rejected").asInt()).isEqualTo(1);
        assertThat(first.at("/files/0/added").asInt()).isEqualTo(4);
        assertThat(load().at("/files/0/added").asInt()).isZero();

        nodes.get(2).posted("/materialize", "");
        for (ApiCaller node : nodes) {
            JsonNode history = node.posted(
                    "/get_historical_features",
                    "{'features':['pumps:units','pumps:model'],'entities':[{'pump':'a','event_timestamp':'2014-02-05T08:59:59Z'},"
                            + "{'pump':'b','event_timestamp':'2014-02-06T00:00:00Z'},{'pump':'a','event_timestamp':'2014-02-05T09:00:00Z'},"
                            + "{'pump':'c','event_timestamp':'2014-02-05T09:00:00Z'}]}");
            assertThat(history.findValuesAsText("units")).containsExactly("null", "7.0", "2.5", "null");
            assertThat(history.findValuesAsText("model")).containsExactly("null", "y, 2", "z", "null");
            JsonNode online = node.posted(
                    "/get_online_features",
                    "{'feature_service':'pump_service','entities':[{'pump':'b'},{'pump':'a'},{'pump':'c'}]}");
            assertThat(online.path("units").toString()).isEqualTo("[7.0,2.5,null]");
            assertThat(online.path("model").toString()).isEqualTo("[\"y, 2\",\"z\",null]");
        }
    }
}

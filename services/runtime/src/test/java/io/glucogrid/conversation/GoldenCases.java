package io.glucogrid.conversation;

import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.glucogrid.node.ApiCaller;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.SoftAssertions;

/** The captured conversations of the reference with what the contract says that we answer. */
public final class GoldenCases {
    private static final ObjectMapper JSON = ApiCaller.JSON;

    private GoldenCases() {}

    /** The file of cases; the test is skipped where it is not at hand. */
    public static Path file() {
        Path golden = Path.of(System.getProperty("glucogrid.contract", ""));
        assumeThat(Files.isRegularFile(golden)).isTrue();
        return golden;
    }

    /** Stores the readings that the cases assume, then holds all of them in order, each with the next node. */
    public static void replay(Path golden, List<ApiCaller> nodes) throws IOException {
        ApiCaller first = nodes.get(0);
        first.push("offline", 163_669_001, 1_391_581_682, 111);
        first.push("offline", 163_669_001, 1_391_499_700, 125);
        first.push("offline", 163_669_053, 1_391_000_000, 90);
        first.push("offline", 2_133_011, 1_400_000_000, 80);
        SoftAssertions all = new SoftAssertions();
        int turn = 0;
        for (JsonNode test : JSON.readTree(golden.toFile())) {
            check(all, nodes.get(turn++ % nodes.size()), test);
        }
        all.assertThat(turn).as("cases").isGreaterThanOrEqualTo(94);
        all.assertAll();
    }

    private static void check(SoftAssertions all, ApiCaller api, JsonNode test) throws IOException {
        String name = test.get("name").asText();
        JsonNode expect = test.get("expect");
        HttpResponse<String> answer = api.send(
                test.get("method").asText(),
                test.get("path").asText(),
                text(test.get("content_type")),
                text(test.get("body")));
        String shown = name + " → " + answer.statusCode() + " " + answer.body();
        all.assertThat(answer.statusCode())
                .as(shown)
                .isEqualTo(expect.get("status").asInt());
        if (expect.has("json")) {
            all.assertThat(numbersByValue(JSON.readTree(answer.body())))
                    .as(shown)
                    .isEqualTo(numbersByValue(expect.get("json")));
        }
        if (expect.has("detail")) {
            all.assertThat(JSON.readTree(answer.body()).path("detail").asText())
                    .as(shown)
                    .isNotBlank();
        }
        if (expect.has("keys_type")) {
            all.assertThat(JSON.readTree(answer.body()).at("/detail/0/type").asText())
                    .as(shown)
                    .isEqualTo(expect.get("keys_type").asText());
        }
        if (expect.has("keys")) {
            List<List<String>> keys = new ArrayList<>();
            for (JsonNode row : JSON.readTree(answer.body())) {
                List<String> names = new ArrayList<>();
                row.fieldNames().forEachRemaining(names::add);
                keys.add(names);
            }
            all.assertThat(JSON.valueToTree(keys).toString())
                    .as(shown)
                    .isEqualTo(expect.get("keys").toString());
        }
        if (expect.has("nonnull")) {
            for (JsonNode column : expect.get("nonnull")) {
                for (JsonNode value : JSON.readTree(answer.body()).path(column.asText())) {
                    all.assertThat(value.isNull()).as(shown).isFalse();
                }
            }
        }
    }

    private static Object numbersByValue(JsonNode node) throws IOException {
        return JSON.readTree(node.toString().replaceAll("(\\d)\\.0(?=[,\\]}])", "$1"));
    }

    private static String text(JsonNode value) {
        return value.isNull() ? null : value.asText();
    }
}

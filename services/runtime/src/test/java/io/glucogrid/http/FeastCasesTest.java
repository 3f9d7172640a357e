package io.glucogrid.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.TestNode;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.ignite.Ignite;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The conversations of {@code feast/cases.json} in order, against a fresh node: what Feast's clients from 0.64 on send, with the
 * shapes, statuses and error forms that they take apart.
 */
class FeastCasesTest {
    private static final String DEFINITIONS =
            """
            apiVersion: glucogrid/v1
            project: cgm_ignite_feast_kafka
            sources:
              typed_source: {kind: parquet, table: typed, timestamp_field: event_timestamp, created_timestamp_column: created}
              typed_push: {kind: push, batch_source: typed_source}
              archive_source: {kind: parquet, table: archive, timestamp_field: event_timestamp}
              archive_push: {kind: push, batch_source: archive_source}
            feature_views:
              typed:
                entities: [subject]
                online: true
                source: typed_push
                schema: {raw: BYTES, word: STRING, single: FLOAT, flag: BOOL, small: INT32, seen: UNIX_TIMESTAMP, wide: DOUBLE}
              archive: {entities: [subject], online: false, source: archive_push, schema: {note: STRING}}
            feature_services:
              typed: [typed]
            """;

    @Test
    void everyConversationGoesAsAClientExpects(@TempDir Path work) throws Exception {
        Path more = Files.writeString(work.resolve("more.yaml"), DEFINITIONS);
        JsonNode cases;
        try (InputStream in = FeastCasesTest.class.getResourceAsStream("/feast/cases.json")) {
            cases = ApiCaller.JSON.readTree(in);
        }
        SoftAssertions all = new SoftAssertions();
        try (Ignite ignite = new TestNode(work, "feast-cases")
                .with("GRID_FEATURES", TestNode.definitions() + "," + more)
                .start("feast-cases")) {
            ApiCaller api = ApiCaller.ready(ignite);
            for (JsonNode one : cases) {
                check(all, api, one);
            }
        }
        assertThat(cases).hasSizeGreaterThanOrEqualTo(50);
        all.assertAll();
    }

    private static void check(SoftAssertions all, ApiCaller api, JsonNode one) throws Exception {
        HttpResponse<String> answer = api.send(
                one.get("method").asText(),
                one.get("path").asText(),
                one.has("content_type") ? one.get("content_type").textValue() : "application/json",
                one.get("body").textValue());
        JsonNode expect = one.get("expect");
        String body = answer.body();
        String shown = one.get("name").asText() + " → " + answer.statusCode() + " " + body;
        all.assertThat(answer.statusCode())
                .as(shown)
                .isEqualTo(expect.get("status").asInt());
        all.assertThat(answer.headers().firstValue("content-type").orElse(""))
                .as(shown)
                .isEqualTo(body.isEmpty() ? "" : "application/json");
        if (expect.has("text")) {
            all.assertThat(body).as(shown).isEqualTo(expect.get("text").asText());
        }
        if (expect.has("json")) {
            all.assertThat(ApiCaller.JSON.readTree(body)).as(shown).isEqualTo(expect.get("json"));
        }
        if (expect.has("names")) {
            all.assertThat(ApiCaller.JSON.readTree(body).at("/metadata/feature_names"))
                    .as(shown)
                    .isEqualTo(expect.get("names"));
        }
        if (expect.has("type")) {
            all.assertThat(ApiCaller.JSON.readTree(body).at("/detail/0/type").asText())
                    .as(shown)
                    .isEqualTo(expect.get("type").asText());
        }
        if (expect.has("error")) {
            JsonNode error =
                    ApiCaller.JSON.readTree(ApiCaller.JSON.readTree(body).asText());
            all.assertThat(error.path("module").asText()).as(shown).isEqualTo("feast.errors");
            all.assertThat(error.path("class").asText())
                    .as(shown)
                    .isEqualTo(expect.at("/error/class").asText());
            all.assertThat(error.path("message").asText())
                    .as(shown)
                    .contains(expect.at("/error/message").asText());
        }
    }
}

package io.glucogrid.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.conversation.ApiDescription;
import io.glucogrid.door.Operations;
import io.glucogrid.feast.FeastApi;
import io.glucogrid.grid.Deadline;
import io.glucogrid.json.Json;
import io.glucogrid.metrics.FeastFigures;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the API says of itself. */
class DocumentationTest {
    private static Routes routes() {
        FeastApi feast = FeastApi.over(() -> null, new FeastFigures());
        return new FeatureApi(new Operations(null), feast, new Bodies(32), () -> "", () -> false).routes();
    }

    private static Reply get(String path) {
        Routes.Match match = routes().find(path);
        return match.methods()
                .get("GET")
                .answer(new Call(new byte[0], null, "", match.parameters(), Deadline.in(Duration.ofSeconds(5))));
    }

    @Test
    void everyEndpointIsDescribedAndNothingElse() {
        Set<String> described = new TreeSet<>();
        JsonNode paths = ApiDescription.shipped().document().path("paths");
        paths.fieldNames().forEachRemaining(path -> paths.path(path)
                .fieldNames()
                .forEachRemaining(method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path)));

        Set<String> served = new TreeSet<>(routes().names());
        served.add("GET /live");

        assertThat(described).isEqualTo(served);
    }

    @Test
    void whatIsNotDescribedIsCaught() {
        ApiDescription description = ApiDescription.shipped();

        description.check("GET", "/", 200, Reply.JSON, "{\"status\":\"ok\"}");
        for (String wrong : new String[] {"{\"status\":\"good\"}", "{}", "[]", "{\"status\":\"ok\",\"more\":1}"}) {
            assertThatThrownBy(() -> description.check("GET", "/", 200, Reply.JSON, wrong))
                    .isInstanceOf(AssertionError.class);
        }
        assertThatThrownBy(() -> description.check("GET", "/", 500, Reply.JSON, "{}"))
                .hasMessageContaining("undocumented");
        assertThatThrownBy(() -> description.check("POST", "/push", 404, Reply.JSON, "\"nope\""))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> description.check("POST", "/predict", 404, Reply.JSON, "{\"detail\":\"\"}"))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void theDescriptionIsJson() throws Exception {
        Reply reply = get("/openapi.json");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(Json.parse(reply.body(), 100))
                .isInstanceOfSatisfying(Map.class, document -> assertThat(document.get("openapi"))
                        .isEqualTo("3.1.0"));
    }

    @Test
    void everyReferenceOfTheDescriptionLeadsSomewhere() {
        JsonNode document = ApiDescription.shipped().document();

        assertThat(document.findValuesAsText("$ref")).isNotEmpty().allSatisfy(reference -> assertThat(
                        document.at(reference.substring(1)).isMissingNode())
                .as(reference)
                .isFalse());
    }

    @Test
    void thePageNeedsNoOtherHostAndAsksNone() {
        Reply page = get("/docs");
        String html = new String(page.body(), StandardCharsets.UTF_8);

        assertThat(page.headers().get("Content-Security-Policy")).contains("default-src 'none'", "script-src 'self'");
        assertThat(html).doesNotContain("http:", "https:", "//cdn");
        Set<String> files = new TreeSet<>();
        Pattern.compile("(?:src|href)=\"(/[^\"]+)\"").matcher(html).results().forEach(link -> files.add(link.group(1)));
        assertThat(files)
                .contains("/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/docs/start.js", "/openapi.json")
                .allSatisfy(file -> {
                    Reply reply = get(file);
                    assertThat(reply.status()).as(file).isEqualTo(200);
                    assertThat(reply.body()).as(file).isNotEmpty();
                });
    }

    @Test
    void onlyFilesOfThePageAreServed() {
        for (String file : new String[] {"index.html", "..", "swagger-ui.js.map", "swagger-ui-bundle.js%00"}) {
            assertThat(get("/docs/" + file).status()).as(file).isEqualTo(404);
        }
    }

    @Test
    void fastApisSecondPageLeadsToTheFirst() {
        Reply reply = get("/redoc");

        assertThat(reply.status()).isEqualTo(307);
        assertThat(reply.headers()).containsEntry("Location", "/docs");
    }
}

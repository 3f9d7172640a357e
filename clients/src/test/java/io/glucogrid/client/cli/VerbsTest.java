package io.glucogrid.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.cli.Verb;
import io.glucogrid.client.FakeApi;
import io.glucogrid.client.Json;
import io.glucogrid.client.bench.BenchVerb;
import io.glucogrid.client.demo.DemoVerb;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class VerbsTest {
    private final FakeApi server = FakeApi.start();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void everyVerbIsFoundAndExplainsItself() {
        List<String> names = ServiceLoader.load(Verb.class).stream()
                .map(ServiceLoader.Provider::get)
                .map(verb -> new CommandLine(verb).getCommandName())
                .toList();

        assertThat(names)
                .contains("demo", "bench", "produce", "features", "predict", "train", "models", "materialize", "apply")
                .contains("plan", "rollback", "definitions")
                .contains("teardown", "status", "streams", "dlq", "live", "push", "forget");
        for (Verb verb : ServiceLoader.load(Verb.class)) {
            assertThat(run(verb, "--help")).isZero();
        }
    }

    @Test
    void anEntityIsForgottenListedAndAllowedAgain() {
        server.answer(
                "POST /forget",
                200,
                """
                {"forgotten":{"subject_id":"7"},"online_rows":2,"hot_rows":12,"history_rows":10288,
                 "allowed":{"subject_id":"7"}}
                """);
        server.answer(
                "GET /forget",
                200,
                "{\"forgotten\":[{\"entity\":{\"a\":\"1\",\"b\":\"x\"},\"since\":\"2026-01-01\"}]}");

        assertThat(run(new ForgetVerb(), "--subject", "7", api())).isZero();
        assertThat(out.toString()).contains("subject_id=7: forgotten", "10,288  event times of history hidden");
        assertThat(run(new ForgetVerb(), "--list", api())).isZero();
        assertThat(out.toString()).contains("a=1 b=x");
        assertThat(run(new ForgetVerb(), "--entity", "a=1,b=x", "--undo", api()))
                .isZero();
        assertThat(out.toString()).contains("rows are taken again");
        assertThat(server.requests())
                .containsExactly(
                        "POST /forget {\"entity\":{\"subject_id\":\"7\"}}",
                        "GET /forget",
                        "POST /forget {\"entity\":{\"a\":1,\"b\":\"x\"},\"undo\":true}");
        assertThat(run(new ForgetVerb(), api())).isEqualTo(2);
    }

    @Test
    void aPlanWithChangesEndsWithTwoAndOneWithoutWithZero(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("f.yaml"), "project: x\n");
        server.answer(
                "POST /definitions/plan",
                200,
                """
                {"version":3,"changed":true,"summary":{"create":0,"update":1,"delete":0},
                 "changes":[{"action":"update","kind":"feature_view","name":"v",
                   "details":[{"field":"schema.a","from":null,"to":"INT64"}]}],
                 "feature_services_affected":[{"name":"s","breaking":true,"columns_added":["a:INT64"],
                   "columns_removed":["b:BOOL"],"columns_retyped":[],"because":["feature_view v"]}],
                 "online_store":[{"feature_view":"v","action":"reencode","rows":33,"new_features":["a"]}],
                 "rows_reencoded":33}
                """);

        assertThat(run(new PlanVerb(), file.toString(), api())).isEqualTo(2);

        assertThat(out)
                .hasToString(
                        """
                        ~ feature_view v
                            schema.a: (none) -> INT64
                        Online store
                            v: 33 rows re-encoded; new: a
                        Feature services affected
                            s: +a:INT64 -b:BOOL, BREAKING (feature_view v)
                        Registry version 3: 0 to create, 1 to update, 0 to delete.
                        """);
        assertThat(server.requests().get(0)).contains("project: x\\n");

        server.answer("POST /definitions/plan", 200, "{\"version\":3,\"changed\":false}");
        assertThat(run(new PlanVerb(), api())).isZero();
        server.answer("POST /definitions/plan", 422, "{\"detail\":\"f.yaml:1: wrong\"}");
        assertThat(run(new PlanVerb(), api())).isEqualTo(1);
        assertThat(err.toString()).contains("f.yaml:1: wrong");
    }

    @Test
    void applySendsTheTextsAndTheVersionOfThePlan(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("f.yaml"), "project: x\n");
        server.answer("POST /definitions/apply", 409, "{\"detail\":\"plan again\"}");

        assertThat(run(new ApplyVerb(), file.toString(), "--expect", "4", api()))
                .isEqualTo(1);

        assertThat(server.requests().get(0)).contains("\"expected_version\":4").contains("f.yaml");
        assertThat(err.toString()).contains("plan again");
        assertThat(run(new ApplyVerb(), directory.resolve("none.yaml").toString(), api()))
                .isEqualTo(2);
    }

    @Test
    void streamsAreShownByPartitionAndPausedByName() {
        server.answer(
                "GET /status",
                200,
                "{\"nodes\":[{\"name\":\"a\",\"streams\":{\"online\":{\"state\":\"running\",\"lag\":{\"0\":7,\"1\":0}},"
                        + "\"offline\":{\"state\":\"waiting\",\"reason\":\"kafka is away\",\"lag\":{}}}}]}");
        server.answer("POST /streams/pause", 200, "{\"message\":\"Streams paused\"}");
        server.answer("POST /streams/resume", 200, "{\"message\":\"Streams resumed\"}");

        assertThat(run(new StreamsVerb(), api())).isZero();
        assertThat(out.toString()).containsPattern("a +online +running +0 +7").contains("kafka is away");
        assertThat(run(new StreamsVerb(), "pause", "offline", api())).isZero();
        assertThat(run(new StreamsVerb(), "resume", api())).isZero();

        assertThat(out.toString()).contains("Streams resumed");
        assertThat(server.requests()).anyMatch(request -> request.contains("{\"stream\":\"offline\"}"));
    }

    @Test
    void rollbackNamesTheVersion() {
        server.answer(
                "POST /definitions/rollback",
                200,
                "{\"version\":5,\"changed\":true,\"plan\":{\"version\":4,\"changed\":true,\"summary\":{\"create\":1,\"update\":0,\"delete\":0},\"changes\":[{\"action\":\"create\",\"kind\":\"entity\",\"name\":\"e\"}]}}");

        assertThat(run(new RollbackVerb(), "2", api())).isZero();

        assertThat(server.requests().get(0)).contains("{\"version\":2}");
        assertThat(out.toString()).contains("+ entity e").contains("Applied as registry version 5.");
    }

    @Test
    void definitionsAreListedWithTheirVersions() {
        server.answer(
                "GET /definitions",
                200,
                "{\"version\":2,\"state\":\"applied\",\"definitions\":{\"project\":\"p\",\"entities\":{\"e\":{},\"f\":{}}},\"versions\":[{\"version\":2,\"state\":\"applied\"}]}");

        assertThat(run(new DefinitionsVerb(), api())).isZero();

        assertThat(out.toString()).contains("Registry version 2, applied").contains("entities: e, f");
    }

    @Test
    void explainSaysWhereAValueComesFromAndWhyThereIsNone() {
        server.answer(
                "POST /features/explain",
                200,
                "{\"feature_service\":\"s\",\"definitions_version\":1,\"asked_at\":\"t\",\"entities\":[{\"entity\":{\"k\":1},\"values\":[{\"name\":\"h\",\"feature\":\"v:h\",\"type\":\"INT32\",\"value\":null,\"view_version\":1,\"status\":\"NULL_VALUE\",\"expression\":\"hour_utc(t)\",\"inputs\":{\"t\":null},\"why_null\":\"input"
                        + " 't' is null\"}]}]}");

        assertThat(run(new FeaturesVerb(), "explain", "--service", "s", "--entity", "k=1", api()))
                .isZero();

        assertThat(out.toString())
                .contains("h = -  NULL_VALUE")
                .contains("expression: hour_utc(t)  with t=-")
                .contains("why null: input 't' is null");
    }

    @Test
    void onlineFeaturesAreShownAsATable() {
        server.answer(
                "POST /get_online_features",
                200,
                "{\"subject_id\":[163669001,42],\"glucose\":[135,null],\"event_timestamp\":[\"2014-02-05T06:33:02+00:00\",null]}");

        assertThat(run(new FeaturesVerb(), "online", "--entity", "163669001", "--entity", "42", api()))
                .isZero();

        assertThat(out)
                .hasToString(
                        """
                        subject_id  glucose  event_timestamp
                         163669001      135  2014-02-05T06:33:02+00:00
                                42        -  -
                        """);
        assertThat(server.requests().get(0)).contains("cgm_activity_v3");
    }

    @Test
    void jsonIsPrintedAsItCame() {
        server.answer("POST /get_online_features", 200, "{\"subject_id\":[1],\"glucose\":[null]}");

        assertThat(run(new FeaturesVerb(), "online", "--json", "--entity", "1", api()))
                .isZero();

        assertThat(out).hasToString("{\"subject_id\":[1],\"glucose\":[null]}\n");
    }

    @Test
    void historicalFeaturesTakeOneTimeForAllOrOneForEach() {
        server.answer("POST /get_historical_features", 200, "[{\"subject_id\":1,\"glucose\":111}]");

        assertThat(run(
                        new FeaturesVerb(),
                        "historical",
                        "--features",
                        "v:a,v:b",
                        "--entity",
                        "1",
                        "--entity",
                        "2",
                        "--at",
                        "1391581982.5",
                        api()))
                .isZero();
        assertThat(server.requests().get(0))
                .endsWith(
                        "{\"features\":[\"v:a\",\"v:b\"],\"entities\":[{\"subject_id\":1,\"event_timestamp\":1391581982.5},"
                                + "{\"subject_id\":2,\"event_timestamp\":1391581982.5}]}");

        assertThat(run(
                        new FeaturesVerb(),
                        "historical",
                        "--service",
                        "s",
                        "--entity",
                        "a=1,b=x",
                        "--entity",
                        "2",
                        "--at",
                        "2014-02-05T06:33:02Z",
                        "--at",
                        "7",
                        api()))
                .isZero();
        assertThat(server.requests().get(1))
                .endsWith("{\"feature_service\":\"s\",\"entities\":[{\"a\":1,\"b\":\"x\",\"event_timestamp\":"
                        + "\"2014-02-05T06:33:02Z\"},{\"subject_id\":2,\"event_timestamp\":7}]}");

        assertThat(run(
                        new FeaturesVerb(),
                        "historical",
                        "--service",
                        "s",
                        "--entity",
                        "1",
                        "--at",
                        "1",
                        "--at",
                        "2",
                        api()))
                .isEqualTo(2);
        assertThat(run(new FeaturesVerb(), "historical", "--entity", "1", "--at", "1", api()))
                .isEqualTo(2);
    }

    @Test
    void aPushSendsItsFields() {
        server.answer("POST /push_stream_event", 200, "{\"message\":\"ok\"}");

        assertThat(run(new PushVerb(), "--to", "online", "subject_id=1", "glucose=null", "note=x=y", api()))
                .isZero();

        assertThat(server.requests().get(0))
                .endsWith("{\"push_source_name\":\"cgm_stats_push_source\",\"store_type\":\"online\",\"event\":"
                        + "{\"subject_id\":1,\"glucose\":null,\"note\":\"x=y\"}}");
        assertThat(run(new PushVerb(), "novalue", api())).isEqualTo(2);
    }

    @Test
    void predictionsStandBesideTheirEntities() {
        server.answer(
                "POST /predict",
                200,
                "[{\"prediction\":104.5,\"model\":\"v1@1\",\"features\":{\"dayofweek\":2,\"hour\":6}}]");

        assertThat(run(new PredictVerb(), "--entity", "7", "--at", "1391581982", api()))
                .isZero();

        assertThat(out.toString()).contains("7       1391581982       104.5  v1@1   dayofweek=2 hour=6");
        assertThat(server.requests().get(0))
                .endsWith("{\"model\":\"v1\",\"entities\":[{\"subject_id\":7,\"event_timestamp\":1391581982}]}");
    }

    @Test
    void trainingMayActivateWhatItMade() {
        server.answer("POST /models/train", 200, "{\"name\":\"v1\",\"version\":2}")
                .answer("POST /models/v1/activate", 200, "{\"name\":\"v1\",\"version\":2,\"active\":true}");

        assertThat(run(new TrainVerb(), "--activate", "--json", api())).isZero();

        assertThat(Json.parse(out.toString()).path("active").booleanValue()).isTrue();
        assertThat(server.requests()).contains("POST /models/v1/activate {\"version\":2}");
    }

    @Test
    void versionsAreRemovedOneByOneOrButTheNewest() {
        server.answer("POST /models/v4%402/remove", 200, "{\"removed\":[\"v4@2\"]}")
                .answer("POST /models/v4/remove", 200, "{\"removed\":[]}");

        assertThat(run(new ModelsVerb(), "remove", "v4@2", api())).isZero();
        assertThat(out).hasToString("Removed v4@2\n");
        assertThat(run(new ModelsVerb(), "remove", "v4", "--keep", "3", api())).isZero();
        assertThat(out.toString()).endsWith("Nothing to remove.\n");
        assertThat(server.requests())
                .containsExactly("POST /models/v4%402/remove {}", "POST /models/v4/remove {\"keep\":3}");

        assertThat(run(new ModelsVerb(), "remove", "v4", api())).isEqualTo(2);
        assertThat(run(new ModelsVerb(), "remove", "v4@2", "--keep", "1", api()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("or a name and --keep");
        assertThat(run(new ModelsVerb(), "remove", "--help")).isZero();
        assertThat(out.toString()).contains("--keep", "a rollback would go to");
    }

    @Test
    void materializeShowsItsCounts() {
        server.answer("POST /materialize", 200, "{\"message\":\"done\"}", Map.of("X-Rows-Written", "7"));

        assertThat(run(new MaterializeVerb(), api())).isZero();

        assertThat(out.toString()).contains("rows_written  7");
    }

    @Test
    void teardownWantsToBeMeant() {
        server.answer("POST /teardown", 200, "{\"message\":\"gone\"}");

        assertThat(run(new TeardownVerb(), api())).isEqualTo(2);
        assertThat(server.requests()).isEmpty();
        assertThat(run(new TeardownVerb(), "--yes", api())).isZero();
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void statusIsReadable() {
        server.answer(
                "GET /status",
                200,
                "{\"nodes\":[{\"name\":\"n1\",\"streams\":{\"online\":{\"state\":\"running\",\"consumed\":5}}}],"
                        + "\"definitions\":{\"version\":3},\"tier\":{\"uri\":\"file:/t\",\"tables\":[{\"table\":\"readings\",\"segments\":2,\"rows\":6}]}}");

        assertThat(run(new StatusVerb(), api())).isZero();

        assertThat(out.toString()).contains("n1", "online", "running", "readings         2     6", "version 3");
    }

    @Test
    void liveEndsAfterTheEventsAskedFor() {
        server.answer("GET /health", 200, "{}")
                .events("GET /live", "data: {\"n\":1}\n\ndata: {\"n\":2}\n\ndata: {\"n\":3}\n\n");

        assertThat(run(new LiveVerb(), "--events", "2", api())).isZero();

        assertThat(out).hasToString("{\"n\":1}\n{\"n\":2}\n".replace("\n", System.lineSeparator()));
    }

    @Test
    void whereNobodyAnswersTheVerbSaysSoAndFails() {
        server.close();

        assertThat(run(new StatusVerb(), "--json", api())).isEqualTo(1);

        assertThat(err.toString()).startsWith("status: no node answers at");
        assertThat(Json.parse(out.toString()).path("error").asText()).isEqualTo("NOT_READY");
    }

    @Test
    void theServersReasonIsShown() {
        server.answer("POST /predict", 404, "{\"detail\":\"there is no model 'v9'\"}");

        assertThat(run(new PredictVerb(), "--entity", "1", "--model", "v9", api()))
                .isEqualTo(1);

        assertThat(err.toString()).isEqualTo("predict: there is no model 'v9'" + System.lineSeparator());
        assertThat(out.toString()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--rate=0", "--rate=-1", "--readings=0", "--nodes=4", "--nodes=0", "--rate=x", "--unknown"})
    void aDemoThatCannotBeMeantDoesNotStart(String argument) {
        assertThat(run(new DemoVerb(), argument)).isEqualTo(2);
        assertThat(err.toString()).isNotEmpty();
    }

    @Test
    void produceChecksItsArgumentsBeforeItConnects() {
        assertThat(run(new ProduceVerb())).isEqualTo(2);
        assertThat(run(new ProduceVerb(), "--data", "no-such-file.parquet")).isEqualTo(1);
        assertThat(err.toString()).contains("there is no file no-such-file.parquet");
        assertThat(run(new ProduceVerb(), "--data", "x", "--readings", "0")).isEqualTo(2);
        assertThat(run(new ProduceVerb(), "--data", "x", "--partitions", "0")).isEqualTo(2);
    }

    @Test
    void deadLettersAreAskedForInWaysThatCanBeMeant() {
        assertThat(run(new DlqVerb())).isEqualTo(2);
        assertThat(err.toString()).contains("list", "replay");
        assertThat(run(new DlqVerb(), "list", "--help")).isZero();
        assertThat(run(new DlqVerb(), "replay", "--help")).isZero();
        assertThat(out.toString()).contains("--dry-run", "--most-replays");
        assertThat(run(new DlqVerb(), "list", "--limit", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--limit must be 1 or more");
        assertThat(run(new DlqVerb(), "list", "--since", "yesterday", "--json")).isEqualTo(2);
        assertThat(Json.parse(out.toString()).path("error").asText()).isEqualTo("INVALID_REQUEST");
        assertThat(run(new DlqVerb(), "replay", "--unknown")).isEqualTo(2);
    }

    @Test
    void aFrameThatCannotBeJoinedIsRefusedBeforeTheNodeIsAsked(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("frame.txt"), "subject_id\n");
        String[] historical = {"historical", "--features", "v:f", api()};

        assertThat(run(new FeaturesVerb(), historical)).isEqualTo(2);
        assertThat(err.toString()).contains("either --frame, or --entity and --at");
        assertThat(run(new FeaturesVerb(), "historical", "--features", "v:f", "--frame", file.toString(), api()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("the name must end with one of");
        assertThat(run(new FeaturesVerb(), "historical", "--features", "v:f", "--frame", "none.csv", api()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("there is no file none.csv");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void anUnknownBenchmarkIsRefused() {
        assertThat(run(new BenchVerb(), "everything")).isEqualTo(2);
        assertThat(err.toString()).contains("there is: line");
    }

    private String api() {
        return "--api=" + server.address();
    }

    private int run(Verb verb, String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return new CommandLine(verb)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }
}

package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cli.Verb;
import io.glucogrid.client.Json;
import io.glucogrid.client.TextTable;
import io.glucogrid.client.produce.DeadLetter;
import io.glucogrid.client.produce.DeadLetterBox;
import io.glucogrid.client.produce.DeadLetterFilter;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code glucogrid dlq}: the records that the streams refused. */
@Command(
        name = "dlq",
        mixinStandardHelpOptions = true,
        description = "The records that the streams refused: list them, or send them to their topic again.",
        subcommands = {DlqVerb.ListLetters.class, DlqVerb.Replay.class})
public final class DlqVerb implements Verb {
    private static final Duration BROKER = Duration.ofSeconds(20);

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ApiVerb.WRONG_USAGE;
    }

    /** What both subcommands ask for. */
    @Command(mixinStandardHelpOptions = true)
    abstract static class LetterVerb implements Verb {
        @Spec
        private CommandSpec spec;

        @Option(
                names = "--topic",
                paramLabel = "NAME",
                defaultValue = "cgm_readings",
                description = "Topic of readings; its dead letters are in NAME.dlq. Default: ${DEFAULT-VALUE}")
        private String topic;

        @Option(
                names = "--reason",
                paramLabel = "CODE",
                description = "Only those whose reason begins so, such as not_json or missing_field")
        private @Nullable String reason;

        @Option(names = "--since", paramLabel = "TIME", description = "Only those refused then or later, ISO 8601")
        private @Nullable String since;

        @Option(names = "--until", paramLabel = "TIME", description = "Only those refused before, ISO 8601")
        private @Nullable String until;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "1000",
                description = "So many at most, the oldest ones. Default: ${DEFAULT-VALUE}")
        private long limit;

        @Mixin
        private KafkaOptions kafka;

        @Option(names = "--json", description = "Print one JSON object")
        private boolean json;

        @Override
        public final Integer call() {
            try {
                if (limit < 1) {
                    throw new GridException(ErrorCode.INVALID_REQUEST, "--limit must be 1 or more");
                }
                DeadLetterBox box = new DeadLetterBox(kafka.settings(), topic, BROKER);
                run(box, new DeadLetterFilter(reason, time("--since", since), time("--until", until), limit));
                spec.commandLine().getOut().flush();
                return ApiVerb.DONE;
            } catch (GridException failure) {
                return Failures.report(spec, json, failure);
            }
        }

        abstract void run(DeadLetterBox box, DeadLetterFilter filter);

        final void answer(ObjectNode answer, String text) {
            spec.commandLine().getOut().print(json ? Json.text(answer) + "\n" : text);
        }

        private static @Nullable Instant time(String option, @Nullable String text) {
            try {
                return text == null ? null : Instant.parse(text);
            } catch (DateTimeException unreadable) {
                throw new GridException(
                        ErrorCode.INVALID_REQUEST,
                        option + " must be a time such as 2025-02-03T16:47:02Z, not '" + text + "'",
                        unreadable);
            }
        }
    }

    /** {@code glucogrid dlq list}. */
    @Command(name = "list", description = "Reason, place, key and bytes of each; nothing is changed.")
    static final class ListLetters extends LetterVerb {
        private static final int SHOWN = 80;

        @Override
        void run(DeadLetterBox box, DeadLetterFilter filter) {
            ObjectNode answer = Json.object();
            ArrayNode letters = answer.putArray("letters");
            TextTable table = new TextTable(List.of("refused at", "partition", "offset", "replays", "reason", "value"));
            box.forEach(filter, letter -> {
                letters.add(letter.json());
                table.row(List.of(
                        letter.time().toString(),
                        Integer.toString(letter.partition()),
                        Long.toString(letter.offset()),
                        Integer.toString(letter.replays()),
                        letter.reason(),
                        shown(letter)));
            });
            answer.put("count", letters.size());
            answer(answer, table.render());
        }

        private static String shown(DeadLetter letter) {
            byte[] value = letter.value();
            if (value == null) {
                return "-";
            }
            String text = DeadLetter.text(value);
            if (text == null) {
                return value.length + " bytes";
            }
            String line = text.replaceAll("\\s+", " ");
            return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
        }
    }

    /** {@code glucogrid dlq replay}. */
    @Command(
            name = "replay",
            description =
                    "Send them to their topic again, key and bytes as they came. The letters stay; applying twice is harmless.")
    static final class Replay extends LetterVerb {
        @Option(names = "--dry-run", description = "Only say what would be sent")
        private boolean isDryRun;

        @Option(
                names = "--most-replays",
                paramLabel = "N",
                defaultValue = "1",
                description =
                        "Leave out what was replayed so often already and refused again. Default: ${DEFAULT-VALUE}")
        private int mostReplays;

        @Override
        void run(DeadLetterBox box, DeadLetterFilter filter) {
            DeadLetterBox.Replayed replayed = box.replay(filter, mostReplays, isDryRun, letter -> {});
            answer(
                    Json.object()
                            .put(isDryRun ? "would_replay" : "replayed", replayed.replayed())
                            .put("replayed_before", replayed.repeated())
                            .put("cut", replayed.cut()),
                    (isDryRun ? "would replay " : "replayed ") + replayed.replayed() + ", left out "
                            + replayed.repeated() + " that were refused again before and " + replayed.cut()
                            + " that are cut\n");
        }
    }
}

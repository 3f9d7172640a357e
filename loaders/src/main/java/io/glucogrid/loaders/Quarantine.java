package io.glucogrid.loaders;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that are not read because they are not what was written.
 *
 * <p>The read that finds a file damaged fails and names it; from then on the file is left out and counted, so that one bad file
 * neither answers anything nor stops a node from starting. A file that contradicts the checksum in its name twice is moved to
 * the folder {@value #FOLDER}, where every node and every restart still sees and reports it. A file of which less is certain
 * (cut short, so perhaps still being copied; of another table, so perhaps put there on purpose) stays where it is and is only
 * marked. Thread-safe.
 */
final class Quarantine {
    static final String FOLDER = "quarantine";

    private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);

    private final TierStorage storage;
    private final boolean moves;
    private final Map<String, Mark> marks = new ConcurrentHashMap<>();
    private final Set<String> moved = ConcurrentHashMap.newKeySet();

    Quarantine(TierStorage storage) {
        this(storage, true);
    }

    /** {@code moves}: whether damaged files are moved, not only marked. */
    Quarantine(TierStorage storage, boolean moves) {
        this.storage = storage;
        this.moves = moves;
    }

    /** Leaves a file out as long as it has this size. */
    void mark(String path, long bytes, String reason) {
        if (marks.put(path, new Mark(bytes, reason)) == null) {
            LOG.error("segment left out: file={} bytes={} reason={}", path, bytes, reason);
        }
    }

    /** Leaves out a file that was found damaged, and moves it away where its checksum confirms that. */
    void isolate(String path, long bytes, String reason) throws IOException {
        if (!moves || FileCheck.matchesName(storage, path)) {
            mark(path, bytes, reason);
            return;
        }
        marks.put(path, new Mark(bytes, reason));
        String target = FOLDER + "/" + path;
        try {
            storage.move(path, target);
            moved.add(path);
            LOG.error("segment moved to quarantine: file={} bytes={} reason={}", target, bytes, reason);
        } catch (IOException stays) {
            LOG.error("segment left out: file={} bytes={} reason={} moved={}", path, bytes, reason, stays.toString());
        }
    }

    boolean holds(String path) {
        return marks.containsKey(path);
    }

    /** As {@link #holds(String)}, but a file that has changed since is looked at again. */
    boolean holds(TierStorage.TierFile file) {
        Mark mark = marks.get(file.path());
        if (mark != null && mark.bytes != file.bytes()) {
            marks.remove(file.path());
            return false;
        }
        return mark != null;
    }

    /** Forgets marks of a table's files that are there no more, and looks what was moved here, by whatever node. */
    void forgetAllBut(String table, Map<String, TierStorage.TierFile> found) throws IOException {
        look();
        marks.keySet().removeIf(path -> path.startsWith(table + "/") && !found.containsKey(path));
    }

    int marked() {
        return marks.size();
    }

    /** Files left out, without a look into the folder: those found here, and those that were there at the last look. */
    int known() {
        Set<String> all = new HashSet<>(marks.keySet());
        all.addAll(moved);
        return all.size();
    }

    /** What lies in the folder, by the path that it had. */
    private List<String> look() throws IOException {
        List<String> found = new ArrayList<>();
        for (TierStorage.TierFile file : storage.list(FOLDER)) {
            found.add(file.path().substring(FOLDER.length() + 1));
        }
        moved.retainAll(Set.copyOf(found));
        moved.addAll(found);
        return found;
    }

    /** Every file left out, with the reason where it is known. */
    Map<String, String> problems() throws IOException {
        Map<String, String> problems = new TreeMap<>();
        for (String path : look()) {
            problems.put(FOLDER + "/" + path, "moved there because it is damaged");
        }
        marks.forEach((path, mark) -> {
            String moved = FOLDER + "/" + path;
            problems.put(problems.containsKey(moved) ? moved : path, mark.reason);
        });
        return problems;
    }

    /** One line for each file left out. */
    List<String> lines() throws IOException {
        List<String> lines = new ArrayList<>();
        problems().forEach((path, reason) -> lines.add(path + ": " + reason));
        return lines;
    }

    private record Mark(long bytes, String reason) {}
}

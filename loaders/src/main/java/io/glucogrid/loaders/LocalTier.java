package io.glucogrid.loaders;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.jspecify.annotations.Nullable;

/** A tier in a local or mounted folder: write beside the final name, fsync, rename, fsync the folder. */
final class LocalTier implements TierStorage {
    static final String IN_PROGRESS = ".inprogress";

    private final Path root;

    private LocalTier(Path root) {
        this.root = root;
    }

    static LocalTier open(Path folder) {
        Path root = folder.toAbsolutePath().normalize();
        if (Files.exists(root) && !Files.isDirectory(root)) {
            throw new GridException(ErrorCode.INVALID_CONFIG, "offline tier " + root + " is not a folder");
        }
        LocalTier tier = new LocalTier(root);
        try {
            tier.proveWritable();
        } catch (IOException unwritable) {
            throw new GridException(
                    ErrorCode.STORAGE_UNAVAILABLE,
                    "offline tier " + root + " cannot be written: " + reason(unwritable),
                    unwritable);
        }
        return tier;
    }

    @Override
    public URI root() {
        return root.toUri();
    }

    @Override
    public List<TierFile> list(String folder) throws IOException {
        Path start = at(folder);
        List<TierFile> files = new ArrayList<>();
        if (!Files.isDirectory(start)) {
            return files;
        }
        Files.walkFileTree(start, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String path = root.relativize(file).toString().replace('\\', '/');
                files.add(new TierFile(
                        path, attributes.size(), attributes.lastModifiedTime().toMillis()));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) { // renamed or removed while we walk
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }
        });
        return files;
    }

    @Override
    public List<String> folders() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root, Files::isDirectory)) {
            entries.forEach(folder -> names.add(String.valueOf(folder.getFileName())));
        }
        return names;
    }

    @Override
    public InputFile input(String path) {
        return new LocalInput(at(path));
    }

    @Override
    public Pending create(String folder) throws IOException {
        makeFolder(at(folder));
        return new Draft(new Drafts(), folder, Draft.name(folder));
    }

    @Override
    public void move(String from, String to) throws IOException {
        Path source = at(from);
        Path target = at(to);
        makeFolder(parent(target));
        Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
        force(parent(target));
        force(parent(source));
    }

    @Override
    public void delete(String path) throws IOException {
        Files.deleteIfExists(at(path));
    }

    @Override
    public byte @Nullable [] read(String path) throws IOException {
        try {
            return Files.readAllBytes(at(path));
        } catch (NoSuchFileException absent) {
            return null;
        }
    }

    @Override
    public boolean createIfAbsent(String path, byte[] bytes) throws IOException {
        Path target = at(path);
        Path parent = parent(target);
        makeFolder(parent);
        Path draft = at(Draft.name(Draft.folder(path)));
        try {
            try (FileChannel channel = openNew(draft)) {
                try (OutputStream out = Channels.newOutputStream(channel)) {
                    out.write(bytes);
                    channel.force(true);
                }
            }
            Files.createLink(target, draft); // unlike a rename, fails where the name is taken
            force(parent);
            return true;
        } catch (FileAlreadyExistsException taken) {
            return false;
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private Path at(String path) {
        Path resolved = root.resolve(path).normalize();
        if (!resolved.startsWith(root)) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "'" + path + "' is not a path below the offline tier");
        }
        return resolved;
    }

    /** Creates missing folders and makes their names durable. */
    private void makeFolder(Path folder) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        for (Path at = folder; at != null && !Files.isDirectory(at); at = at.getParent()) {
            missing.push(at);
        }
        for (Path created : missing) {
            Files.createDirectories(created); // others may create it at the same time
            force(parent(created));
        }
    }

    /** Not a temporary file of the JDK, which nobody but its owner may read. */
    private static FileChannel openNew(Path draft) throws IOException {
        return FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private static Path parent(Path path) throws IOException {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IOException(path + " has no parent folder");
        }
        return parent;
    }

    private static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static String reason(IOException failure) {
        return failure.getClass().getSimpleName() + " " + failure.getMessage();
    }

    /** Files beside their final names. */
    private final class Drafts implements Draft.Place {
        @Override
        public PositionOutputStream open(String draft, CRC32C checksum) throws IOException {
            FileChannel channel = openNew(at(draft));
            return new SummedStream(Channels.newOutputStream(channel), checksum, () -> channel.force(true));
        }

        @Override
        public long rename(String draft, String path) throws IOException {
            Path target = at(path);
            long bytes = Files.size(at(draft));
            Files.move(at(draft), target, StandardCopyOption.ATOMIC_MOVE);
            force(parent(target));
            return bytes;
        }

        @Override
        public void delete(String draft) throws IOException {
            Files.deleteIfExists(at(draft));
        }
    }
}

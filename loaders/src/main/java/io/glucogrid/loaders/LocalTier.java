package io.glucogrid.loaders;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
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

/**
 * A tier in a local or mounted folder: write beside the final name, fsync, rename, fsync the folder.
 *
 * <p>A folder that is not mounted, or was moved away, looks as if it were empty, or as what lies below the mount point. So nothing
 * is believed, and nothing is written, before the tier was seen to be there: by its root and, from when it first had one, by its
 * name in {@link TierIdentity#PATH}. Where it is not, everything fails with {@link StorageException}, and works again once it is
 * back. Only {@link #open} makes a root.
 */
final class LocalTier implements TierStorage {
    static final String IN_PROGRESS = ".inprogress";

    /** Entries that were not there while a folder was listed may be there right after; more often than this they are not. */
    private static final int LISTINGS = 5;

    private final Path root;
    /** What the tier's name said when it was first seen; null before. */
    private volatile @Nullable String name;

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
            makeFolders(root, null);
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
        for (int attempt = 1; attempt <= LISTINGS; attempt++) {
            Listing listing = new Listing();
            Files.walkFileTree(start, listing);
            requirePresent();
            if (listing.vanished.stream().noneMatch(Files::exists)) {
                return listing.files;
            }
        }
        throw new StorageException(
                start + " cannot be listed: what it has comes and goes", new NoSuchFileException(start.toString()));
    }

    @Override
    public List<String> folders() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
            for (Path entry : entries) {
                if (isFolder(entry)) {
                    names.add(String.valueOf(entry.getFileName()));
                }
            }
        } catch (NoSuchFileException absent) {
            requirePresent();
            throw absent;
        } catch (DirectoryIteratorException failure) {
            throw failure.getCause();
        }
        requirePresent();
        return names;
    }

    @Override
    public InputFile input(String path) {
        return new LocalInput(at(path), this::requirePresent);
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
        if (!Files.deleteIfExists(at(path))) {
            requirePresent();
        }
    }

    @Override
    public byte @Nullable [] read(String path) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(at(path));
        } catch (NoSuchFileException absent) {
            requirePresent();
            return null;
        }
        return bytes;
    }

    @Override
    public void proveWritable() throws IOException {
        requirePresent(); // what can be written to a mount point where nothing is mounted proves nothing
        TierStorage.super.proveWritable();
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

    /** Creates missing folders below the root and makes their names durable. */
    private void makeFolder(Path folder) throws IOException {
        requirePresent();
        if (!Files.isDirectory(folder)) {
            makeFolders(folder, root);
        }
    }

    /** Each right below one that is there, so that nothing is made from {@code top} upwards, should that go meanwhile. */
    private static void makeFolders(Path folder, @Nullable Path top) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        for (Path at = folder; at != null && !at.equals(top) && !Files.isDirectory(at); at = at.getParent()) {
            missing.push(at);
        }
        for (Path created : missing) {
            try {
                Files.createDirectory(created);
            } catch (FileAlreadyExistsException others) { // created it at the same time
                if (!Files.isDirectory(created)) {
                    throw others;
                }
            }
            force(parent(created));
        }
    }

    /** Passes where the tier is there, so that what was not found is not there, and what is written will be. */
    private void requirePresent() throws IOException {
        String known = name;
        String found;
        try {
            found = Files.readString(root.resolve(TierIdentity.PATH), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException nameless) {
            if (known != null || !isFolder(root)) {
                throw new StorageException(
                        away() + "it has no " + (known == null ? "such folder" : TierIdentity.PATH), nameless);
            }
            return;
        } catch (IOException failure) {
            throw new StorageException("the storage of " + root + " does not answer: " + failure, failure);
        }
        if (known == null) {
            name = found;
        } else if (!known.equals(found)) {
            throw new StorageException(
                    away() + "another tier is there", new IOException(TierIdentity.PATH + " says " + found));
        }
    }

    private String away() {
        return "the storage of " + root + " is away (not mounted, moved or deleted): ";
    }

    /** Unlike {@link Files#isDirectory}, takes only what is not there for no folder. */
    private static boolean isFolder(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).isDirectory();
        } catch (NoSuchFileException absent) {
            return false;
        }
    }

    /** Not a temporary file of the JDK, which nobody but its owner may read. */
    private FileChannel openNew(Path draft) throws IOException {
        try {
            return FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (NoSuchFileException folderGone) {
            requirePresent();
            throw folderGone;
        }
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

    /** The files below a folder, and what was renamed or removed, or went with the storage, while we looked. */
    private final class Listing extends SimpleFileVisitor<Path> {
        private final List<TierFile> files = new ArrayList<>();
        private final List<Path> vanished = new ArrayList<>();

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String path = root.relativize(file).toString().replace('\\', '/');
            files.add(new TierFile(
                    path, attributes.size(), attributes.lastModifiedTime().toMillis()));
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (failure instanceof NoSuchFileException) {
                vanished.add(file);
                return FileVisitResult.CONTINUE;
            }
            throw failure;
        }
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

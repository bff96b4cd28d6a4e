// What programs ask of the JVM, one line each: the lines are the same on Linux and in the guest.

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;

public class Features {
    static int counter;

    static int deepest(int n) {
        return n + deepest(n + 1);
    }

    static int length(String text) {
        return text.length();
    }

    /** The null is found by the page fault that reading through it makes. */
    static Object compiledNulls() {
        int nulls = 0;
        for (int n = 0; n < 200_000; n++) {
            try {
                counter += length(n % 50_000 == 49_999 ? null : "text");
            } catch (NullPointerException found) {
                nulls++;
            }
        }
        return nulls;
    }

    static Object overflow() {
        int caught = 0;
        for (int n = 0; n < 3; n++) {
            try {
                deepest(0);
            } catch (StackOverflowError error) {
                caught++;
            }
        }
        return caught;
    }

    static Object overflowInThread() throws Exception {
        return CompletableFuture.supplyAsync(Features::overflow).get();
    }

    static Object arithmetic() {
        try {
            return 1 / (counter - counter);
        } catch (ArithmeticException error) {
            return error.getMessage();
        }
    }

    static Object threads() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(16);
        List<Callable<Integer>> jobs = IntStream.range(0, 64).<Callable<Integer>>mapToObj(n -> () -> {
            synchronized (Features.class) {
                for (int i = 0; i < 1000; i++) {
                    counter++;
                }
            }
            LockSupport.parkNanos(1000);
            return n;
        }).toList();
        counter = 0;
        int sum = 0;
        for (Future<Integer> job : pool.invokeAll(jobs)) {
            sum += job.get();
        }
        pool.shutdown();
        return counter + " " + sum + " " + pool.awaitTermination(60, TimeUnit.SECONDS);
    }

    static Object interrupts() throws Exception {
        AtomicInteger interrupted = new AtomicInteger();
        Thread sleeper = new Thread(() -> {
            try {
                Thread.sleep(1_000_000);
            } catch (InterruptedException expected) {
                interrupted.incrementAndGet();
            }
        });
        sleeper.start();
        sleeper.interrupt();
        sleeper.join();
        return interrupted;
    }

    static Object forkJoin() throws Exception {
        return new ForkJoinPool(4).submit(() ->
                IntStream.range(0, 100_000).parallel().mapToLong(n -> (long) n * n).sum()).get();
    }

    static Object garbage() {
        List<byte[]> kept = new ArrayList<>();
        Map<Integer, String> names = new java.util.HashMap<>();
        long sum = 0;
        for (int round = 0; round < 400; round++) {
            kept.add(new byte[200_000]);
            if (kept.size() > 40) {
                kept.remove(0);
            }
            for (int n = 0; n < 100; n++) {
                names.put(n, round + "-" + n);
            }
            sum += kept.size() + names.size();
        }
        System.gc();
        return sum;
    }

    static Object outOfMemory() {
        List<long[]> kept = new ArrayList<>();
        try {
            while (true) {
                kept.add(new long[4_000_000]);
            }
        } catch (OutOfMemoryError error) {
            kept.clear();
            return error.getMessage();
        }
    }

    static Object files() throws Exception {
        Path folder = Files.createTempDirectory("features");
        for (int n = 0; n < 20; n++) {
            Files.writeString(folder.resolve("file" + n), "é".repeat(n));
        }
        long bytes;
        try (Stream<Path> all = Files.walk(folder)) {
            bytes = all.filter(Files::isRegularFile).mapToLong(path -> path.toFile().length()).sum();
        }
        Path mapped = folder.resolve("mapped");
        int crc;
        try (FileChannel channel = FileChannel.open(mapped, StandardOpenOption.CREATE,
                StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            MappedByteBuffer buffer = channel.map(FileChannel.MapMode.READ_WRITE, 0, 1 << 20);
            for (int n = 0; n < 1 << 20; n += 4096) {
                buffer.putInt(n, n);
            }
            buffer.force();
            crc = lock.isValid() ? buffer.getInt(4096 * 255) : 0;
        }
        long size = Files.size(mapped);
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        }
        return bytes + " " + crc + " " + size + " " + Files.exists(folder);
    }

    static Object zip() throws Exception {
        Path name = Path.of(System.getProperty("java.io.tmpdir"), "features.zip");
        try (FileSystem zip = FileSystems.newFileSystem(name, Map.of("create", "true"))) {
            Files.writeString(zip.getPath("/one"), "one ".repeat(1000));
        }
        try (FileSystem zip = FileSystems.newFileSystem(name)) {
            return Files.readString(zip.getPath("/one")).length();
        } finally {
            Files.delete(name);
        }
    }

    static Object sockets() throws Exception {
        byte[] body = new byte[1 << 18];
        for (int n = 0; n < body.length; n++) {
            body[n] = (byte) (n * 7);
        }
        try (ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> served = CompletableFuture.runAsync(() -> {
                try (Socket client = server.accept()) {
                    client.getInputStream().transferTo(client.getOutputStream());
                } catch (IOException error) {
                    throw new RuntimeException(error);
                }
            });
            CRC32 sum = new CRC32();
            try (Socket socket = new Socket("localhost", server.getLocalPort())) {
                CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                    try {
                        socket.getOutputStream().write(body);
                        socket.shutdownOutput();
                    } catch (IOException error) {
                        throw new RuntimeException(error);
                    }
                });
                InputStream in = socket.getInputStream();
                byte[] part = new byte[8192];
                for (int got = in.read(part); got > 0; got = in.read(part)) {
                    sum.update(part, 0, got);
                }
                sent.get();
            }
            served.get();
            CRC32 expected = new CRC32();
            expected.update(body);
            return sum.getValue() == expected.getValue();
        }
    }

    static Object selector() throws Exception {
        try (Selector selector = Selector.open(); ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            server.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
            try (SocketChannel client = SocketChannel.open(server.getLocalAddress())) {
                selector.select(60_000);
                SocketChannel accepted = server.accept();
                accepted.configureBlocking(false).register(selector, SelectionKey.OP_READ);
                client.write(StandardCharsets.UTF_8.encode("selected"));
                selector.selectedKeys().clear();
                selector.select(60_000);
                ByteBuffer buffer = ByteBuffer.allocateDirect(100);
                accepted.read(buffer);
                accepted.close();
                return StandardCharsets.UTF_8.decode(buffer.flip());
            }
        }
    }

    static Object unixSocket() throws Exception {
        Path name = Path.of(System.getProperty("java.io.tmpdir"), "features.socket");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(name));
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(name));
                    SocketChannel accepted = server.accept()) {
                accepted.write(ByteBuffer.wrap(new byte[5]));
                return client.read(ByteBuffer.allocate(10));
            }
        } finally {
            Files.delete(name);
        }
    }

    static Object refusals() throws Exception {
        String found = "";
        try {
            new Socket(InetAddress.getLoopbackAddress(), 1).close();
        } catch (ConnectException error) {
            found += error.getMessage();
        }
        try {
            Files.readString(Path.of("/none"));
        } catch (NoSuchFileException error) {
            found += ", no " + error.getMessage();
        }
        return found;
    }

    static Object texts() {
        return String.format("%,.2f %s %s ", 1234.5, "ß".toUpperCase(), "héllo wörld €")
                + Instant.EPOCH.atZone(ZoneId.of("Asia/Tokyo")) + " " + Charset.defaultCharset();
    }

    static Object security() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        byte[] hash = MessageDigest.getInstance("SHA-256").digest("text".getBytes());
        return generator.generateKeyPair().getPublic().getAlgorithm() + " "
                + HexFormat.of().formatHex(hash, 0, 4) + " "
                + javax.net.ssl.SSLContext.getDefault().getProtocol();
    }

    static Object machine() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.availableProcessors() > 0 && runtime.totalMemory() <= runtime.maxMemory()
                && ProcessHandle.current().pid() > 0 && System.getenv("LANG").equals("C.UTF-8")
                && Thread.getAllStackTraces().values().stream().anyMatch(frames -> frames.length > 2);
    }

    interface Check {
        Object run() throws Exception;
    }

    static void show(String name, Check check) throws Exception {
        System.out.println(name + " " + check.run());
    }

    public static void main(String[] args) throws Exception {
        show("compiledNulls", Features::compiledNulls);
        show("overflow", Features::overflow);
        show("overflowInThread", Features::overflowInThread);
        show("arithmetic", Features::arithmetic);
        show("threads", Features::threads);
        show("interrupts", Features::interrupts);
        show("forkJoin", Features::forkJoin);
        show("garbage", Features::garbage);
        show("outOfMemory", Features::outOfMemory);
        show("files", Features::files);
        show("zip", Features::zip);
        show("sockets", Features::sockets);
        show("selector", Features::selector);
        show("unixSocket", Features::unixSocket);
        show("refusals", Features::refusals);
        show("texts", Features::texts);
        show("security", Features::security);
        show("machine", Features::machine);
        show("arguments", () -> Stream.of(args).collect(Collectors.joining(",")));
        show("input", () -> System.in.read());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("a last word")));
        try {
            new ProcessBuilder("/bin/true").start().waitFor();
            System.out.println("a program was started");
        } catch (IOException error) {
            System.out.println("no program was started: " + error.getMessage());
        }
        System.exit(7);
    }
}

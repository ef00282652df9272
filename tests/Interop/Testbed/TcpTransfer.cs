// One TCP connection between two hosts, paced to last, with a checksum at both ends.
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Cygnet.Interop.Testbed;

/// <summary>A paced TCP transfer; a reset, a stall or a wrong checksum is a failure.</summary>
public sealed class TcpTransfer
{
    const int Chunk = 64 * 1024;
    const int Port = 7777;

    // Longer than any outage that a rekeying may cause, shorter than a test's patience.
    static readonly TimeSpan Stall = TimeSpan.FromSeconds(20);

    readonly Task<byte[]> sink;
    readonly Task<byte[]> source;
    long sent;

    public TcpTransfer(Host from, string fromAddress, Host to, string toAddress, long bytes, TimeSpan duration)
    {
        var target = new IPEndPoint(IPAddress.Parse(toAddress), Port);
        var listener = to.Net.Within(() =>
        {
            var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(target);
            socket.Listen(1);
            return socket;
        });
        var sender = from.Net.Within(() =>
        {
            var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(fromAddress), 0));
            return socket;
        });
        sink = Task.Factory.StartNew(() => Receive(listener, bytes), TaskCreationOptions.LongRunning);
        source = Task.Factory.StartNew(() => Send(sender, target, bytes, duration), TaskCreationOptions.LongRunning);
    }

    public long Sent => Volatile.Read(ref sent);

    public bool HasEnded => Task.WhenAll(sink, source).IsCompleted;

    /// <summary>Waits for the end; both ends must have seen the same octets.</summary>
    public void ShouldArriveWhole()
    {
        try
        {
            Task.WaitAll(source, sink);
        }
        catch (AggregateException e)
        {
            throw new BedFailure($"the TCP connection broke after {Sent} octets: {e.InnerExceptions[0].Message}", e);
        }
        if (!source.Result.AsSpan().SequenceEqual(sink.Result))
            throw new BedFailure($"checksums differ: {Convert.ToHexString(source.Result)} sent, {Convert.ToHexString(sink.Result)} received");
    }

    byte[] Send(Socket socket, EndPoint target, long bytes, TimeSpan duration)
    {
        using (socket)
        {
            socket.SendTimeout = socket.ReceiveTimeout = (int)Stall.TotalMilliseconds;
            socket.Connect(target);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var random = new Random(1);
            var chunk = new byte[Chunk];
            var clock = Stopwatch.StartNew();
            while (sent < bytes)
            {
                random.NextBytes(chunk);
                var part = chunk.AsSpan(0, (int)Math.Min(Chunk, bytes - sent));
                hash.AppendData(part);
                for (var rest = part; rest.Length > 0;)
                    rest = rest[socket.Send(rest)..];
                Volatile.Write(ref sent, sent + part.Length);
                var ahead = duration * ((double)sent / bytes) - clock.Elapsed;
                if (ahead > TimeSpan.Zero)
                    Thread.Sleep(ahead);
            }
            socket.Shutdown(SocketShutdown.Send);
            // The sink answers one octet when it has everything: only then has no reset come in between.
            if (socket.Receive(chunk) != 1)
                throw new IOException("the receiver closed without a word");
            return hash.GetHashAndReset();
        }
    }

    static byte[] Receive(Socket listener, long bytes)
    {
        using (listener)
        {
            if (!listener.Poll(Stall, SelectMode.SelectRead))
                throw new IOException("no connection arrived");
            using var socket = listener.Accept();
            socket.SendTimeout = socket.ReceiveTimeout = (int)Stall.TotalMilliseconds;
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[Chunk];
            long received = 0;
            for (int n; (n = socket.Receive(buffer)) > 0; received += n)
                hash.AppendData(buffer, 0, n);
            if (received != bytes)
                throw new IOException($"{received} octets of {bytes} arrived");
            socket.Send([1]);
            return hash.GetHashAndReset();
        }
    }
}

// A load generator for IKE responders: the project's own core as initiator, many IKE_SAs at once over one UDP socket.
using System.Net;
using System.Net.Sockets;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Ike;
using Cygnet.Interop.Testbed;
using Cygnet.Policy;

namespace Cygnet.Benchmarks.Load;

/// <summary>One source of load: a socket, an engine, and the thread that calls <see cref="SetUp"/>. Its SAs stay up.</summary>
sealed class Initiator : IHost, IWatcher, IDisposable
{
    // RFC 7296 2.23 allows to begin on 4500: so both exchanges go through one socket.
    const ushort Port = 4500;
    const int MarkerBytes = 4, IdleMilliseconds = 50;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly Address local;
    readonly Socket socket;
    readonly IkeEngine engine;
    readonly Queue<Work> works = new();
    readonly byte[] outgoing = new byte[65_536];
    Instant deadline = Instant.Never;
    bool hasChild;
    int done;
    string? failure;

    public Initiator(NetNamespace net, string local, string remote, CredentialStore credentials)
    {
        this.local = Address.Parse(local);
        socket = net.Within(() =>
        {
            var made = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 };
            made.Bind(new IPEndPoint(IPAddress.Parse(local), Port));
            made.Connect(new IPEndPoint(IPAddress.Parse(remote), Port));
            return made;
        });
        engine = new(this, new Settings { ReuseIkeSa = false, KeepAlive = TimeSpan.Zero });
        engine.Configure(new([], credentials));
    }

    /// <summary>Datagrams sent; two a set-up, if none was lost.</summary>
    public long Sent { get; private set; }

    public DateTimeOffset WallTime => DateTimeOffset.UtcNow;

    public IRandom Random { get; } = new SystemRandom();

    public ICryptoDoor Crypto { get; } = new SystemCrypto();

    public IDataPlane DataPlane { get; } = new CountingDataPlane();

    public SharedState Shared { get; } = new();

    public NameLookup Lookup => _ => [];

    static Instant Now => new(Environment.TickCount64);

    /// <summary>Sets up an SA for each of the connections, so many at once; returns when the last one is up.</summary>
    public void SetUp(IReadOnlyList<Connection> connections, int atOnce)
    {
        var buffer = new byte[65_536];
        var (begun, progress, seen) = (0, Now, 0);
        done = 0;
        while (done < connections.Count)
        {
            for (; begun < connections.Count && begun - done < atOnce; begun++)
            {
                var connection = connections[begun];
                hasChild = connection.Children is [_, ..];
                // A watched SA formats its whole log: of the first one only, whose failure is everybody's.
                engine.Accept(new Wish.Initiate(connection, hasChild ? connection.Children[0] : null, begun == 0 ? this : null), Now);
                Work();
            }
            Once(buffer);
            if (failure is not null)
                throw new BedFailure($"the first set-up failed: {failure}");
            if (done != seen)
                (seen, progress) = (done, Now);
            else if (Now - progress > Patience)
                throw new BedFailure($"{done} of {connections.Count} SAs are up, and for {Patience.TotalSeconds:0} s there was no other");
        }
    }

    /// <summary>Answers what comes, and does what is due, until it is over.</summary>
    public void Serve(Func<bool> isOver)
    {
        var buffer = new byte[65_536];
        while (!isOver())
            Once(buffer);
        if (failure is not null)
            throw new BedFailure(failure);
    }

    /// <summary>Waits a little for a datagram; handles those that are there, and the timers that are due.</summary>
    void Once(byte[] buffer)
    {
        var wait = Math.Clamp(deadline.Milliseconds - Now.Milliseconds, 0, IdleMilliseconds);
        if (socket.Poll(TimeSpan.FromMilliseconds(wait), SelectMode.SelectRead))
            do
                Receive(buffer);
            while (socket.Available > 0);
        if (deadline > Now)
            return;
        deadline = Instant.Never;
        engine.Tick(Now);
        Work();
    }

    void Receive(byte[] buffer)
    {
        var length = socket.Receive(buffer);
        if (length > MarkerBytes && buffer.AsSpan(0, MarkerBytes).IndexOfAnyExcept((byte)0) < 0)
            engine.Receive(new(local, Port), Remote, buffer.AsSpan(MarkerBytes, length - MarkerBytes), Now);
        Work();
    }

    void Work()
    {
        while (works.TryDequeue(out var work))
        {
            work.Run();
            engine.Finished(work, Now);
        }
    }

    Policy.Endpoint Remote => new(Address.FromIPAddress(((IPEndPoint)socket.RemoteEndPoint!).Address), Port);

    void IHost.Send(Policy.Endpoint from, Policy.Endpoint to, ReadOnlySpan<byte> datagram, byte dscp)
    {
        datagram.CopyTo(outgoing.AsSpan(MarkerBytes));
        socket.Send(outgoing.AsSpan(0, MarkerBytes + datagram.Length));
        Sent++;
    }

    void IHost.SendKeepalive(Policy.Endpoint from, Policy.Endpoint to) => socket.Send([0xff]);

    Address? IHost.SourceAddressFor(Address remote) => local;

    bool IHost.HasPath(Address from, Address to) => from == local;

    IReadOnlyList<Address> IHost.LocalAddresses() => [local];

    bool IHost.IsLocalAddress(Address address) => address == local;

    void IHost.Forward(Wish wish) => engine.Accept(wish, Now);

    void IHost.Arm(Instant at) => deadline = at < deadline ? at : deadline;

    void IHost.Start(Work work) => works.Enqueue(work);

    bool IHost.WantsLog(LogGroup group, int level) => false;

    void IHost.Log(in LogLine line) => failure ??= line.Text.StartsWith("internal fault", StringComparison.Ordinal) ? line.Text : null;

    void IHost.Raise(SaEvent e)
    {
        if (e is SaEvent.ChildUpDown { Up: true } || !hasChild && e is SaEvent.IkeUpDown { Up: true })
            done++;
    }

    void IWatcher.Log(in LogLine line)
    {
    }

    void IWatcher.Done(string? error) => failure ??= error;

    public void Dispose() => socket.Dispose();
}

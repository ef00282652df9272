// The control socket as a whole: a client's byte stream of any length, from the first length field to the last answer.
using System.Buffers.Binary;
using System.Text;
using Cygnet.Charon.Control;
using Cygnet.Charon.Logging;
using Cygnet.Charon.Tests;
using Cygnet.Control;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Pki;

namespace Cygnet.Fuzz;

static class ControlDoor
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    static readonly Log s_log = new();

    // That one collects garbage on demand, which takes its time whatever the input.
    static readonly string[] s_commands = [.. new Commands(new FakeDaemon()).Names.Where(n => n != "x-memory")];

    public static Target Target()
    {
        List<byte[]> corpus = [.. s_commands.Select(name => Stream([Register("list-sa"), Request(name, "")])), .. EventHub.Names.Select(name => Stream([Register(name), Register(name), Unregister(name), Unregister(name)]))];
        var conn = Request("load-conn", "gw.version=2 gw.remote_addrs[]=192.0.2.2 gw.proposals[]=aes128-sha256-x25519 gw.pools[]=pool gw.vips[]=0.0.0.0 gw.local.auth=psk gw.local.id=moon gw.remote.auth=eap-mschapv2 gw.remote.eap_id=%any "
            + "gw.children.net.local_ts[]=10.1.0.0/16 gw.children.net.start_action=trap|start gw.children.net.rekey_time=1h gw.children.net.esp_proposals[]=aes128gcm16 gw.children.bye.mode=drop");
        var pool = Request("load-pool", "pool.addrs=10.3.0.0/24 pool.dns[]=10.1.0.1,fd00::1 pool.28672[]=text");
        corpus.Add(Stream([Register("list-conn"), pool, conn, conn, Request("list-conns", ""), Request("unload-conn", "name=gw"), Request("unload-pool", "name=pool"), Request("get-pools", "leases=yes")]));
        corpus.Add(Stream([conn, Register("control-log"), Request("initiate", "child=net ike=gw timeout=1000 loglevel=4 init-limits=yes"), Request("install", "child=net"), Request("uninstall", "child=net"),
            Request("terminate", "ike=gw force=yes timeout=-1"), Request("rekey", "child-id=7 reauth=yes"), Request("redirect", "ike-id=1 gateway=192.0.2.9 peer-ip=10.0.0.0/8 peer-id=*@example.org")]));
        corpus.Add(Stream([Request("load-shared", "id=a type=ike data=secret owners[]=moon,@sun"), Request("load-shared", "id=b type=ppk data=x"), Request("get-shared", ""), Request("unload-shared", "id=a"), Request("clear-creds", "")]));
        byte[] certificate = Encoding.ASCII.GetBytes(Fixtures.RootCa), key = Encoding.ASCII.GetBytes(Fixtures.Ed25519Key);
        corpus.Add(Stream([Register("list-cert"), Request("load-cert", new ViciSection().Add("type", "X509").Add("flag", "CA").Add("data", certificate)), Request("list-certs", "type=ANY"),
            Request("load-key", new ViciSection().Add("type", "any").Add("data", key)), Request("get-keys", ""), Request("flush-certs", "type=x509ca")]));
        var authority = new ViciSection();
        authority.AddSection("ca").Add("cacert", certificate).AddList("crl_uris", ["http://a"]).AddList("ocsp_uris", ["http://b"]);
        corpus.Add(Stream([Request("x-begin", ""), Request("load-authority", authority), conn, pool, Request("x-commit", ""), Register("list-authority"), Request("list-authorities", "name=ca"), Request("unload-authority", "name=ca")]));
        corpus.Add(Stream([Request("load-conn", "a.local.cert.file=/x a.remote.cacert1.handle=50"), Request("load-token", "handle=50 slot=1 module=soft pin=1"), Request("x-set-loglevel", "group=ike level=2"),
            Request("x-user-creds", "name=gw username=carol password=x"), Request("x-get-conn-digests", ""), Request("get-counters", "all=yes"), Request("reset-counters", "name=gw")]));
        return new("control", corpus, [[0, 8, 0, 0], [0, 8, 0, 1], [0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [1, 1, (byte)'a'], [2], [4, 1, (byte)'l'], [5, 0, 0], [6], .. s_commands.Select(Encoding.ASCII.GetBytes)], Run);
    }

    static string Run(byte[] input)
    {
        var daemon = new FakeDaemon { OnWish = Fulfil };
        daemon.Sas.Add(new(0, new()
        {
            Name = "gw", UniqueId = 1, State = IkeState.Established, LocalId = Identity.Any, RemoteId = Identity.Any,
            Children = [new() { Name = "net", UniqueId = 7, Reqid = 1, State = ChildState.Installed }],
        }));
        var client = new Client(input);
        if (!new ViciConnection(client, new Commands(daemon), new EventHub(), s_log).Run().Wait(s_patience)) throw new Fault("the connection does not end though its client has hung up");
        if (daemon.Lines.FirstOrDefault(l => l.Contains("Exception", StringComparison.Ordinal)) is { } fault) throw new Fault(fault.Split('\n')[0]);
        List<ViciPacket> packets = [.. Segments(client.Received).Select(Answer)], answers = [.. packets.Where(p => p.Type != ViciPacketType.Event)];
        var (wanted, given) = (string.Concat(Segments(input).Select(Wanted)), string.Concat(answers.Select(Given)));
        if (wanted != given) throw new Fault("some packet was not answered, or answers are out of order");
        return string.Join(' ', answers.Take(6).Select(a => $"{a.Type} {a.Message.Text("success")} {a.Message.Text("errmsg")}"));
    }

    // A client gets what it can read.
    static ViciPacket Answer(byte[] segment) =>
        ViciPacket.TryParse(segment, out var packet) && !packet.Malformed ? packet : throw new Fault("the daemon sends what cannot be read");

    static string Wanted(byte[] segment) => segment is [var type, ..] ? type switch { 0 => "command ", 3 or 4 => "registration ", _ => "" } : "";

    static string Given(ViciPacket answer) => answer.Type switch
    {
        ViciPacketType.CommandResponse when answer.Message.Text("success") == "no" && answer.Message.Utf8("errmsg") is null => throw new Fault("a refusal without a reason"),
        ViciPacketType.CommandResponse or ViciPacketType.CommandUnknown => "command ",
        ViciPacketType.EventConfirm or ViciPacketType.EventUnknown => "registration ",
        _ => throw new Fault($"the daemon sends {answer.Type}"),
    };

    // Up to one that is too long, or that breaks off.
    static IEnumerable<byte[]> Segments(byte[] stream)
    {
        for (var at = 0; stream.Length - at >= Vici.LengthBytes;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(stream.AsSpan(at));
            at += Vici.LengthBytes;
            if (length > Vici.MaxSegment || length > stream.Length - at) yield break;
            yield return stream[at..(at + (int)length)];
            at += (int)length;
        }
    }

    // What the engine would do: some of it succeeds.
    static void Fulfil(Wish wish)
    {
        var watcher = wish switch { Wish.Initiate w => w.Watcher, Wish.TerminateIke w => w.Watcher, Wish.TerminateChild w => w.Watcher, Wish.Install w => w.Watcher, Wish.Uninstall w => w.Watcher, _ => null };
        watcher?.Log(new(LogGroup.Ike, 1, "gw", 1, "establishing CHILD_SA"));
        watcher?.Done(wish is Wish.Uninstall ? "no" : null);
    }

    static byte[] Stream(IEnumerable<byte[]> segments) => [.. segments.SelectMany(s => s)];

    static byte[] Request(string command, ViciSection message) => ViciPacket.Request(command, message).ToSegment(out _)!;

    static byte[] Request(string command, string words) => Request(command, Notation.Message(words));

    static byte[] Register(string name) => new ViciPacket(ViciPacketType.EventRegister, name).ToSegment(out _)!;

    static byte[] Unregister(string name) => new ViciPacket(ViciPacketType.EventUnregister, name).ToSegment(out _)!;

    /// <summary>Says all its input, a few bytes at a time, hangs up, and keeps what it is told.</summary>
    sealed class Client(byte[] input) : Stream
    {
        const int AtOnce = 1000;

        readonly MemoryStream _received = new();
        int _at;

        public byte[] Received => _received.ToArray();

        int Take(Span<byte> buffer)
        {
            var count = Math.Min(Math.Min(buffer.Length, AtOnce), input.Length - _at);
            input.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Take(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Take(buffer.Span));

        public override void Write(byte[] buffer, int offset, int count) => _received.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _received.Write(buffer.Span);
            return default;
        }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

// Sessions of peers without a daemon: its part is played here.
using Cygnet.Config;
using Cygnet.Eap;
using Cygnet.Esp;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Radius;
using Cygnet.Tests.Config;

namespace Cygnet.Tests.Radius;

sealed class SessionsScene : IRadiusSessionsHost
{
    public SessionsScene(string settings)
    {
        Settings = RadiusSettings.Read(StrongswanSettings.Parse("/c", MemoryFiles.With("/c", $"charon {{\n plugins {{\n eap-radius {{\n{settings}\n }}\n }}\n}}\n")));
        Sessions = new(Settings, 1_700_000_000, this);
    }

    public RadiusSettings Settings { get; }
    public RadiusSessions Sessions { get; }
    public Instant Now { get; set; } = new(1_000_000);

    /// <summary>IKE_SAs that are up, as the engine would picture them.</summary>
    public Dictionary<int, IkeSnapshot> Up { get; } = [];
    public List<(string Session, RadiusAttributes Attributes)> Reports { get; } = [];
    public List<string> Lines { get; } = [];
    public List<int?> Closed { get; } = [];

    readonly Queue<int> _asked = new();
    readonly Queue<string> _unanswered = new();

    public static IkeSnapshot Ike(int id, string name = "carol", params Address[] vips) => new()
    {
        Name = "rw", UniqueId = id, State = IkeState.Established, Local = new(Address.Parse("192.0.2.1"), 4500), Remote = new(Address.Parse("198.51.100.9"), 1025),
        RemoteId = Identity.Parse("ike-" + name), RemoteEapId = Identity.Parse(name), RemoteVips = [.. vips],
    };

    public static ChildSnapshot Child(int id, ulong bytesIn = 0, ulong bytesOut = 0, ulong packetsIn = 0, ulong packetsOut = 0) => new()
    {
        Name = "net", UniqueId = id, Reqid = 1, State = ChildState.Installed, In = new(bytesIn, packetsIn, 0), Out = new(bytesOut, packetsOut, 0),
    };

    public void Raise(SaEvent e) => Sessions.Handle(e, Now);

    public IkeSnapshot Establish(int id, string name = "carol", EapGrant? grant = null, params Address[] vips)
    {
        var ike = Ike(id, name, vips) with { Grant = grant };
        Up[id] = ike;
        // the event comes before the addresses are given
        Raise(new SaEvent.IkeUpDown(true, ike with { RemoteVips = [] }));
        Answer();
        return ike;
    }

    public void TakeDown(IkeSnapshot ike)
    {
        Up.Remove(ike.UniqueId);
        Raise(new SaEvent.IkeUpDown(false, ike with { State = IkeState.Deleting }));
    }

    /// <summary>Gives the pictures that were asked for.</summary>
    public void Answer()
    {
        while (_asked.TryDequeue(out var id)) Sessions.Take(id, Up.GetValueOrDefault(id), Now);
    }

    /// <summary>The server answers the reports that wait, or does not.</summary>
    public void Reply(bool answers = true)
    {
        while (_unanswered.TryDequeue(out var session)) Sessions.Sent(session, answers, Now);
    }

    public void Pass(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        Sessions.Tick(Now);
        Answer();
    }

    public uint? Number(int report, RadiusType type) => Reports[report].Attributes.List.Where(a => a.Type == type)
        .Select(a => (uint?)System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(a.Value)).SingleOrDefault();

    public string? Text(int report, RadiusType type) => Reports[report].Attributes.List.Where(a => a.Type == type).Select(a => System.Text.Encoding.UTF8.GetString(a.Value)).SingleOrDefault();

    public IEnumerable<uint?> Statuses => Reports.Select((_, i) => Number(i, RadiusType.AcctStatusType));

    void IRadiusSessionsHost.AskFor(int uniqueId) => _asked.Enqueue(uniqueId);

    void IRadiusSessionsHost.Account(string session, RadiusAttributes attributes)
    {
        Reports.Add((session, attributes));
        _unanswered.Enqueue(session);
    }

    void IRadiusSessionsHost.Close(int? uniqueId) => Closed.Add(uniqueId);

    void IRadiusSessionsHost.Log(string text) => Lines.Add(text);
}

// One session of a peer, whose accounting goes to a real server: the daemon's part is played here.
using System.Collections.Concurrent;
using System.Text;
using Cygnet.Crypto;
using Cygnet.Eap;
using Cygnet.Ike;
using Cygnet.Linux.Radius;
using Cygnet.Policy;
using Cygnet.Radius;

namespace Cygnet.Linux.Tests.Radius;

sealed class AccountedSession : IRadiusSessionsHost, IDisposable
{
    readonly ConcurrentQueue<string> _log = new();
    readonly RadiusSockets _sockets;
    readonly RadiusSessions _sessions;
    readonly Queue<Task<RadiusReply?>> _reports = new();
    Instant _now = new(1_000_000);

    readonly IkeSnapshot _ike = new()
    {
        Name = "rw", UniqueId = 7, State = IkeState.Established, Local = new(Address.Parse("192.0.2.1"), 4500), Remote = new(Address.Parse("198.51.100.9"), 1025),
        RemoteId = Identity.Parse("carol@cygnet.test"), RemoteVips = [Address.Parse("10.3.0.7")],
        Grant = new() { InterimInterval = TimeSpan.FromMinutes(1), Classes = [Encoding.ASCII.GetBytes("Research")] },
    };

    public AccountedSession(RadiusSettings settings)
    {
        _sockets = new(settings.Servers, new SystemRandom(), _log.Enqueue);
        _sessions = new(settings, 1_700_000_000, this);
    }

    static ChildSnapshot Child(ulong bytesIn, ulong bytesOut, ulong packetsIn, ulong packetsOut) => new()
    {
        Name = "net", UniqueId = 1, Reqid = 1, State = ChildState.Installed, In = new(bytesIn, packetsIn, 0), Out = new(bytesOut, packetsOut, 0),
    };

    /// <summary>Comes, is asked after a minute what it has used, and goes.</summary>
    public async Task Play()
    {
        _sessions.Handle(new SaEvent.IkeUpDown(true, _ike), _now);
        _sessions.Take(7, _ike, _now);
        await Answered();
        _now += TimeSpan.FromMinutes(1);
        _sessions.Tick(_now);
        _sessions.Take(7, _ike with { Children = [Child(100, 200, 1, 2)] }, _now);
        await Answered();
        _now += TimeSpan.FromSeconds(1);
        _sessions.Handle(new SaEvent.IkeUpDown(false, _ike with { Children = [Child((1UL << 32) + 5, 300, 9, 9)] }), _now);
        await Answered();
    }

    async Task Answered()
    {
        var reply = await _reports.Dequeue();
        Assert.Equal(RadiusCode.AccountingResponse, reply!.Packet.Code);
        _sessions.Sent("1700000000-7", true, _now);
    }

    void IRadiusSessionsHost.AskFor(int uniqueId) => Assert.Equal(7, uniqueId);

    void IRadiusSessionsHost.Account(string session, RadiusAttributes attributes) => _reports.Enqueue(_sockets.Request(RadiusCode.AccountingRequest, attributes));

    void IRadiusSessionsHost.Close(int? uniqueId) => Assert.Fail("nothing is to be closed");

    void IRadiusSessionsHost.Log(string text) => _log.Enqueue(text);

    public void Dispose() => _sockets.Dispose();
}

// The sessions of all peers: accounting of their beginning, their traffic and their end. RFC 2866; RFC 2869 2.1 (interim updates).
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Radius;

/// <summary>No clock in it; one call at a time. As in the reference, sessions are those of peers that came to us.</summary>
public sealed class RadiusSessions(RadiusSettings settings, uint started, IRadiusSessionsHost host)
{
    /// <summary>New settings count for what is reported from then on.</summary>
    public RadiusSettings Settings { get; set; } = settings;

    readonly Dictionary<int, AccountingSession> _byIke = [];

    /// <summary>Sessions by their ids, as long as reports of them are on their way too.</summary>
    readonly Dictionary<string, AccountingSession> _byId = new(StringComparer.Ordinal);
    readonly PriorityQueue<string, Instant> _interim = new();

    /// <summary>Sessions whose IKE_SA is up.</summary>
    public int Count => _byIke.Count;

    /// <summary>Sessions of which not everything has been reported.</summary>
    public int Unreported => _byId.Values.Count(s => s.IsSending);

    /// <summary>When the next interim update is due.</summary>
    public Instant Deadline => _interim.TryPeek(out _, out var at) ? at : Instant.Never;

    internal IEnumerable<AccountingSession> All => _byIke.Values;

    public void Handle(SaEvent e, Instant now)
    {
        switch (e)
        {
            case SaEvent.IkeUpDown(true, { IsInitiator: false } ike): Begin(ike, now); break;
            case SaEvent.IkeUpDown(false, var ike) when Find(ike) is { } session: End(session, ike, now); break;
            case SaEvent.ChildUpDown(_, var ike, var child): Find(ike)?.Observe(ike, child); break;
            case SaEvent.ChildRekey(var ike, var old, var @new): Find(ike)?.Observe(ike, old, @new); break;
            case SaEvent.IkeRekey(var old, var @new) when Find(old) is { } session:
                _byIke.Remove(old.UniqueId);
                session.Observe(@new);
                _byIke[@new.UniqueId] = session;
                break;
            case SaEvent.Alert(AlertType.IkeSaExpired, { } ike) when Find(ike) is { } session: session.Cause = TerminateCause.SessionTimeout; break;
            case SaEvent.Alert(AlertType.RetransmitSendTimeout, { } ike) when Find(ike) is { } session: session.Cause = TerminateCause.LostService; break;
        }
    }

    /// <summary>The answer to <see cref="IRadiusSessionsHost.AskFor"/>; null if that IKE_SA is gone.</summary>
    public void Take(int uniqueId, IkeSnapshot? ike, Instant now)
    {
        if (ike is null || !_byIke.TryGetValue(uniqueId, out var session)) return;
        session.Observe(ike);
        if (!Settings.Accounting) return;
        if (!session.IsReported) ReportStart(session, now);
        else if (session.NextInterim == Instant.Never && session.Interval > TimeSpan.Zero)
        {
            Report(session, AccountingStatus.Interim, now);
            Schedule(session, now);
        }
    }

    /// <summary>The end of a report.</summary>
    public void Sent(string session, bool answered, Instant now)
    {
        if (!_byId.TryGetValue(session, out var s) || !s.Outbox.TryDequeue(out var report)) return;
        s.IsSending = false;
        Pump(s);
        if (!answered && (report.Status != AccountingStatus.Interim || Settings.AccountingCloseOnTimeout))
        {
            host.Log(Settings.CloseAllOnTimeout ? "deleting all IKE_SAs after RADIUS timeout" : "deleting IKE_SA after RADIUS timeout");
            if (Settings.CloseAllOnTimeout) host.Close(null);
            else if (!s.IsEnded) host.Close(s.UniqueId);
        }
    }

    public void Tick(Instant now)
    {
        while (_interim.TryPeek(out var id, out var at) && at <= now)
        {
            _interim.Dequeue();
            if (!_byId.TryGetValue(id, out var session) || session.IsEnded || session.NextInterim != at) continue;
            session.NextInterim = Instant.Never;
            host.AskFor(session.UniqueId);
        }
    }

    /// <summary>The daemon ends: so do all sessions, as their last pictures have them.</summary>
    public void EndAll(IEnumerable<IkeSnapshot> pictures, Instant now)
    {
        foreach (var ike in pictures) Find(ike)?.Observe(ike);
        foreach (var session in _byIke.Values.ToArray())
        {
            session.Cause = TerminateCause.AdminReboot;
            End(session, session.Ike, now);
        }
    }

    AccountingSession? Find(IkeSnapshot ike) => _byIke.GetValueOrDefault(ike.UniqueId);

    void Begin(IkeSnapshot ike, Instant now)
    {
        var session = new AccountingSession(RadiusSession.Id(started, ike.UniqueId), ike, now);
        session.Observe(ike);
        _byIke[ike.UniqueId] = session;
        _byId[session.Id] = session;
        // the virtual addresses are given a moment later than the IKE_SA is up
        host.AskFor(ike.UniqueId);
    }

    void End(AccountingSession session, IkeSnapshot ike, Instant now)
    {
        session.Observe(ike);
        // gone before the first picture came
        if (Settings.Accounting && !session.IsReported) ReportStart(session, now);
        _byIke.Remove(ike.UniqueId);
        session.IsEnded = true;
        if (session.IsReported) Report(session, AccountingStatus.Stop, now);
        if (!session.IsSending) _byId.Remove(session.Id);
    }

    void ReportStart(AccountingSession session, Instant now)
    {
        if (Settings.AccountingRequiresVip && session.Ike.RemoteVips.IsEmpty) return;
        session.IsReported = true;
        session.Interval = session.Ike.Grant?.InterimInterval ?? Settings.AccountingInterval;
        Report(session, AccountingStatus.Start, now);
        if (session.Interval <= TimeSpan.Zero || session.IsEnded) return;
        host.Log($"scheduling RADIUS Interim-Updates every {(long)session.Interval.TotalSeconds}s");
        Schedule(session, now);
    }

    void Schedule(AccountingSession session, Instant now)
    {
        session.NextInterim = now + session.Interval;
        _interim.Enqueue(session.Id, session.NextInterim);
    }

    void Report(AccountingSession session, AccountingStatus status, Instant now)
    {
        // one update that waits is enough: the next tells all that it would have
        if (status == AccountingStatus.Interim && session.Outbox.Count > 0) return;
        session.Outbox.Enqueue((status, Describe(session, status, now)));
        Pump(session);
    }

    void Pump(AccountingSession session)
    {
        if (session.IsSending) return;
        if (session.Outbox.TryPeek(out var next))
        {
            session.IsSending = true;
            host.Account(session.Id, next.Attributes);
        }
        else if (session.IsEnded) _byId.Remove(session.Id);
    }

    RadiusAttributes Describe(AccountingSession session, AccountingStatus status, Instant now)
    {
        var a = new RadiusAttributes().Add(RadiusType.AcctStatusType, (uint)status).Add(RadiusType.AcctSessionId, session.Id);
        RadiusSession.Describe(a, session.Sa, Settings.StationIdWithPort);
        a.Add(RadiusType.UserName, session.User);
        IEnumerable<Address> vips = session.Ike.RemoteVips;
        // the server takes back what it gave, also what the peer did not want
        if (status == AccountingStatus.Stop) vips = vips.Union(session.Ike.Grant?.Addresses ?? []);
        foreach (var vip in vips)
            if (!vip.IsIPv6) a.Add(RadiusType.FramedIpAddress, vip);
            else a.Add(RadiusType.FramedIpv6Prefix, [0, 128, .. vip.ToBytes()]).Add(RadiusType.FramedIpv6Address, vip);
        if (Settings.AccountingSendClass)
            foreach (var value in session.Ike.Grant?.Classes ?? []) a.Add(RadiusType.Class, value);
        if (status == AccountingStatus.Start) return a;
        var (bytesIn, bytesOut, packetsIn, packetsOut) = session.Usage();
        Octets(RadiusType.AcctInputOctets, RadiusType.AcctInputGigawords, bytesIn);
        Octets(RadiusType.AcctOutputOctets, RadiusType.AcctOutputGigawords, bytesOut);
        a.Add(RadiusType.AcctInputPackets, (uint)packetsIn).Add(RadiusType.AcctOutputPackets, (uint)packetsOut);
        a.Add(RadiusType.AcctSessionTime, (uint)Math.Max(0, (now - session.Started).TotalSeconds));
        if (status == AccountingStatus.Stop) a.Add(RadiusType.AcctTerminateCause, (uint)session.Cause);
        return a;

        void Octets(RadiusType low, RadiusType high, ulong bytes)
        {
            a.Add(low, (uint)bytes);
            if (bytes >> 32 != 0) a.Add(high, (uint)(bytes >> 32));
        }
    }
}

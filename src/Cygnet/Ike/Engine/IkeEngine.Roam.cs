// Our addresses or routes changed: every IKE_SA looks whether its path still is one. RFC 4555 3.5.
namespace Cygnet.Ike;

public sealed partial class IkeEngine
{
    /// <summary>One change seldom comes alone; as the reference, what comes within this time is looked at once.</summary>
    static readonly TimeSpan RoamDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>So many IKE_SAs are looked at before other inputs have their turn.</summary>
    const int RoamedAtOnce = 256;

    readonly Queue<IkeSa> _roaming = new();
    Timer? _roam;
    bool _addressesChanged, _roamsForAddresses;

    public void Roam(bool addressesChanged, Instant now)
    {
        Now = now;
        _addressesChanged |= addressesChanged;
        _roam ??= new(null, OnRoam);
        if (!((Alarm)_roam).IsSet) Timers.Set(_roam, now + RoamDelay);
        Rearm();
    }

    void OnRoam()
    {
        if (_roaming.Count == 0)
        {
            (_roamsForAddresses, _addressesChanged) = (_addressesChanged, false);
            foreach (var sa in _sas.All) _roaming.Enqueue(sa);
        }
        for (var i = 0; i < RoamedAtOnce && _roaming.TryDequeue(out var sa); i++)
            try { sa.Roam(_roamsForAddresses); }
            catch (Exception e) { Fault(sa, e); }
        if (_roaming.Count > 0 || _addressesChanged) Timers.Set(_roam!, Now + TimeSpan.FromMilliseconds(1));
    }
}

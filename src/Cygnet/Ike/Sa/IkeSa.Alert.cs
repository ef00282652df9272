// Alerts about an IKE_SA: what went wrong with it, for those who watch the daemon through VICI.
namespace Cygnet.Ike;

sealed partial class IkeSa
{
    /// <summary>
    /// Raises an alert, with a picture of the SA. What strangers can cause (<paramref name="isStrangers"/>, or the peer is not authenticated yet) is
    /// told so many times a second and no more, whatever they send.
    /// </summary>
    public void Alert(string type, bool isStrangers = false)
    {
        if (!Engine.Host.WantsAlerts || IsQuiet || (isStrangers || !IsInitiator && Phase < Phase.Established) && !Engine.TakeAlertAllowance()) return;
        Engine.Host.Raise(new SaEvent.Alert(type, Snapshot()));
    }
}

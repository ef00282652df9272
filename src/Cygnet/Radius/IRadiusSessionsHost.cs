// What the sessions need of the daemon.
namespace Cygnet.Radius;

/// <summary>Called only from inside <see cref="RadiusSessions"/>'s inputs.</summary>
public interface IRadiusSessionsHost
{
    /// <summary>Asks for a new picture of the IKE_SA; it comes back through <see cref="RadiusSessions.Take"/>.</summary>
    void AskFor(int uniqueId);

    /// <summary>Sends an Accounting-Request; its end comes back through <see cref="RadiusSessions.Sent"/>.</summary>
    void Account(string session, RadiusAttributes attributes);

    /// <summary>No server answered, and the settings want this IKE_SA, or all of them if null, to end.</summary>
    void Close(int? uniqueId);

    /// <summary>A line of group CFG, level 1.</summary>
    void Log(string text);
}

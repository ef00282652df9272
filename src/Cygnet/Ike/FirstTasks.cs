// What stands in status for the first exchanges of an IKE_SA, IKE_SA_INIT and IKE_AUTH: the reference has a task for each of their parts. docs/vici.md.
namespace Cygnet.Ike;

/// <summary>The words of <c>Tasks active</c> and <c>Tasks passive</c> while an IKE_SA is made; what an exchange does later has one word.</summary>
static class FirstTasks
{
    /// <summary>A responder does not know before IKE_AUTH what the peer will ask for, so all of them wait.</summary>
    public static readonly string[] Answering = ["IKE_INIT", "IKE_CERT_PRE", "IKE_AUTH", "IKE_CERT_POST", "IKE_CONFIG", "IKE_MOBIKE", "IKE_ESTABLISH", "IKE_AUTH_LIFETIME", "CHILD_CREATE"];

    /// <summary>An initiator that waits for the answer to IKE_SA_INIT.</summary>
    public static IEnumerable<string> Initiating(IkeSa ike, bool hasChild) =>
        ["IKE_VENDOR", "IKE_INIT", "IKE_NATD", "IKE_CERT_PRE", "IKE_AUTH", "IKE_CERT_POST", "IKE_CONFIG", .. Last(ike, hasChild)];

    /// <summary>An initiator that waits for an answer to IKE_AUTH.</summary>
    public static IEnumerable<string> Authenticating(IkeSa ike, bool hasChild) =>
        ["IKE_CERT_PRE", "IKE_AUTH", "IKE_CERT_POST", .. ike.Connection!.Vips.IsEmpty ? (string[])[] : ["IKE_CONFIG"], .. Last(ike, hasChild)];

    static IEnumerable<string> Last(IkeSa ike, bool hasChild)
    {
        yield return "IKE_AUTH_LIFETIME";
        if (ike.Connection!.Mobike) yield return "IKE_MOBIKE";
        yield return "IKE_ESTABLISH";
        if (hasChild) yield return "CHILD_CREATE";
    }
}

// What one step of a method makes.
namespace Cygnet.Eap;

/// <summary>Continue with a packet to send; a server's method also ends by Success, and either by Failure with a reason, without a packet. Pending: to be resumed.</summary>
readonly record struct MethodStep(EapOutcome Outcome, byte[]? Packet, string? Reason)
{
    public static readonly MethodStep Succeeded = new(EapOutcome.Success, null, null);

    /// <summary>Whether the other side's certificate is revoked has to be found out first.</summary>
    public static readonly MethodStep Pending = new(EapOutcome.Pending, null, null);

    /// <summary>Wait so long before sending.</summary>
    public TimeSpan Delay { get; init; }

    public static MethodStep Send(byte[] packet) => new(EapOutcome.Continue, packet, null);

    public static MethodStep Fail(string reason) => new(EapOutcome.Failure, null, reason);
}

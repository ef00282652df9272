// Expensive steps: the SA is parked, not a thread; the result comes back as an input.
namespace Cygnet.Ike;

sealed partial class IkeSa
{
    /// <summary>
    /// Has something computed elsewhere and goes on with the result, if the SA is still alive and still at the exchange that asked.
    /// </summary>
    public void Do<T>(Exchange exchange, int microseconds, Func<T> compute, Action<T> then, object? device = null) =>
        Engine.Host.Start(new Work<T>(microseconds, compute,
            alive: () => IsAlive && (Sending.Pending == exchange || Receiving.InProgress == exchange),
            finish: result =>
            {
                try { then(result); }
                catch (Exception e) { Engine.Fault(this, e); }
            },
            fault: e => Engine.Fault(this, e)) { Device = device });

    /// <summary>As <see cref="Do{T}(Exchange, int, Func{T}, Action{T}, object?)"/>, for what may wait for the network.</summary>
    public void Do<T>(Exchange exchange, int microseconds, Func<ValueTask<T>> begin, Action<T> then) =>
        Engine.Host.Start(new AsyncWork<T>(microseconds, begin,
            alive: () => IsAlive && (Sending.Pending == exchange || Receiving.InProgress == exchange),
            finish: result =>
            {
                try { then(result); }
                catch (Exception e) { Engine.Fault(this, e); }
            },
            fault: e => Engine.Fault(this, e)));

    /// <summary>Does something after a while, if the SA still lives then.</summary>
    public void Later(TimeSpan delay, Action action) => Engine.Timers.Set(new Timer(this, action), Engine.Now + delay);
}
